// The training of a run comes back from its event files: figures by epoch, times, and pictures.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodePng } from '../../../gfsr/image/png-encode.ts';
import { tensorboardFiles } from '../../../gfsr/report/tensorboard.ts';
import { double, eventsOf, fieldsOf, scalarsOf, text } from '../../support/event-file.ts';

const run = mkdtempSync(join(tmpdir(), 'gfsr-tensorboard-'));
test.after(() => rmSync(run, { recursive: true, force: true }));

const epoch = (number: number, crossEntropy: number, seconds: number) => ({
  ...{ epoch: number, crossEntropy, relevance: 0.5, valAccuracy: 0.25, seconds, note: 'held' },
});

test('a run without its figures is refused in words', async () => {
  const error = await tensorboardFiles(run).catch((each) => each);
  assert.instance(error, RangeError);
  assert.match(error.message, 'has no metrics.json. Finish it with: gfsr train --resume');
});

test('figures of a stranger name no file outside, and damaged ones are refused in words', async () => {
  const refused = async (metrics: unknown) => {
    writeFileSync(join(run, 'metrics.json'), JSON.stringify(metrics));
    const error = await tensorboardFiles(run).catch((each) => each);
    assert.instance(error, RangeError);
    assert.match(error.message, /metrics\.json: .* is .*, expected .*The file is damaged/);
  };
  const history = [epoch(0, 1, 2)];
  for (const arm of ['../../outside', '/tmp/outside', '..', 'other']) {
    await refused({ arms: { [arm]: { history } } });
  }
  for (const metrics of [null, [], {}, { arms: 7 }, { arms: { guided: {} } }]) {
    await refused(metrics);
  }
  await refused({ arms: { guided: { history: [7] } } });
});

test('each arm is a file with a step per epoch, whose time is that of all epochs so far', async () => {
  const arms = {
    'cross-entropy': { history: [epoch(0, 1, 2)] },
    guided: { history: [epoch(0, 1, 2), epoch(1, 0.5, 3)] },
  };
  writeFileSync(join(run, 'metrics.json'), JSON.stringify({ arms }));
  const files = await tensorboardFiles(run);
  assert.equal(
    [...files.keys()],
    ['cross-entropy', 'guided', 'pictures'].map((name) => `${name}/events.out.tfevents.gfsr`),
  );
  const [version, ...events] = eventsOf(files.get('guided/events.out.tfevents.gfsr') as Uint8Array);
  assert.is(text(version.get(3)?.[0]), 'brain.Event:2');
  assert.equal(
    events.map((event) => [event.get(2)?.[0], double(event.get(1)?.[0]), scalarsOf(event)]),
    [
      [1n, 2, { crossEntropy: 1, relevance: 0.5, valAccuracy: 0.25, seconds: 2 }],
      [2n, 5, { crossEntropy: 0.5, relevance: 0.5, valAccuracy: 0.25, seconds: 3 }],
    ],
  );
});

test('the overlays of a run are pictures with their names and sizes', async () => {
  mkdirSync(join(run, 'overlays'));
  const image = { width: 5, height: 3, channels: 1 as const, data: new Uint8Array(15) };
  writeFileSync(join(run, 'overlays', 'test-3.png'), encodePng(image));
  writeFileSync(join(run, 'overlays', 'notes.txt'), 'no picture');
  const file = (await tensorboardFiles(run)).get('pictures/events.out.tfevents.gfsr');
  const [, event] = eventsOf(file as Uint8Array);
  const [value] = fieldsOf(event.get(5)?.[0] as Uint8Array).get(1) ?? [];
  const fields = fieldsOf(value as Uint8Array);
  assert.is(text(fields.get(1)?.[0]), 'test-3');
  const picture = fieldsOf(fields.get(4)?.[0] as Uint8Array);
  assert.equal([picture.get(1), picture.get(2)], [[3n], [5n]]);
  assert.equal(picture.get(4)?.[0], new Uint8Array(encodePng(image)));
});

test.run();
