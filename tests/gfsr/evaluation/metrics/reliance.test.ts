// Reliance on a shortcut: drops in accuracy and the share of saliency, by hand.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  shortcutReliance,
  shortcutSaliency,
} from '../../../../gfsr/evaluation/metrics/reliance.ts';

test('accuracy present, absent and misleading, and the drops', () => {
  const labels = [0, 1, 2, 3];
  const result = shortcutReliance({
    present: { predicted: [0, 1, 2, 3], labels },
    absent: { predicted: [0, 1, 2, 0], labels },
    misleading: { predicted: [0, 2, 1, 0], labels },
  });
  assert.equal(result, {
    present: 1,
    absent: 0.75,
    misleading: 0.25,
    absentDrop: 0.25,
    misleadingDrop: 0.75,
  });
  const part = shortcutReliance({ present: { predicted: [0], labels: [0] } });
  assert.ok(Number.isNaN(part.absent) && Number.isNaN(part.misleadingDrop));
});

test('share of |S| on the shortcut and its lift over the area; images without it are left out', () => {
  const region = [1, 0, 0, 0];
  const { share, lift } = shortcutSaliency(
    [
      [-3, 1, 0, 0],
      [1, 1, 1, 1],
      [0, 0, 0, 0],
      [5, 1, 1, 1],
    ],
    [region, region, region, [0, 0, 0, 0]],
  );
  assert.is(share.count, 3);
  assert.is(share.skipped, 1);
  assert.ok(Math.abs(share.mean - (0.75 + 0.25 + 0) / 3) < 1e-12);
  assert.ok(Math.abs(lift.mean - (3 + 1 + 0) / 3) < 1e-12);
  assert.throws(() => shortcutSaliency([[1]], []), /got 1 maps and 0 regions/);
});

test.run();
