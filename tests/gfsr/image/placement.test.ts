// Images in frames of another size: known points and pixels through every fit, there and back.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Fit,
  fitInto,
  isWhole,
  type Placement,
  placePlane,
  placePoint,
  sourcePoint,
} from '../../../gfsr/image/placement.ts';

const FITS: readonly Fit[] = ['resize', 'pad', 'crop'];

test('resize fills the frame, pad keeps all, crop keeps the middle', () => {
  assert.equal(fitInto([100, 200], 50, 'resize'), {
    from: [100, 200],
    scaled: [50, 50],
    at: [0, 0],
  });
  assert.equal(fitInto([100, 200], 50, 'pad'), { from: [100, 200], scaled: [25, 50], at: [12, 0] });
  assert.equal(fitInto([100, 200], 50, 'crop'), {
    ...{ from: [100, 200], scaled: [50, 100] },
    at: [0, -25],
  });
  assert.ok(isWhole(fitInto([50, 50], 50, 'crop'), [50, 50]));
});

test('one bright pixel lands where its centre is said to land', () => {
  for (const fit of FITS) {
    for (const from of [
      [12, 30],
      [30, 12],
      [9, 9],
      [4, 5],
    ] as const) {
      for (const side of [6, 20]) {
        const placement = fitInto(from, side, fit);
        for (let p = 0; p < from[0] * from[1]; p++) {
          const centre = [(p % from[1]) + 0.5, Math.floor(p / from[1]) + 0.5] as const;
          const [x, y] = placePoint(centre, placement);
          const source = new Float32Array(from[0] * from[1]);
          source[p] = 1;
          const plane = placePlane(source, placement, [side, side]);
          const inFrame = x > 0 && y > 0 && x < side && y < side;
          if (inFrame)
            assert.ok(plane[Math.floor(y) * side + Math.floor(x)] > 0, `${fit} ${from} ${p}`);
          const [backX, backY] = sourcePoint([x, y], placement);
          assert.ok(Math.abs(backX - centre[0]) < 1e-9 && Math.abs(backY - centre[1]) < 1e-9);
        }
      }
    }
  }
});

test('bars have the fill, and no pixel of the image is lost in them', () => {
  const source = new Float32Array(8).fill(10);
  const placement = fitInto([2, 4], 4, 'pad');
  const plane = placePlane(source, placement, [4, 4], 255);
  assert.equal([...plane], [...Array(4).fill(255), ...Array(8).fill(10), ...Array(4).fill(255)]);
  assert.equal(sourcePoint([2, 0], placement), [2, 0]);
  assert.equal(sourcePoint([2, 4], placement), [2, 2]);
});

test('a crop of an image that would be immense is cheap', () => {
  const placement: Placement = fitInto([1, 2 ** 22], 224, 'crop');
  const plane = placePlane(new Float32Array(2 ** 22).fill(7), placement, [224, 224]);
  assert.ok(plane.every((value) => value === 7));
});

test.run();
