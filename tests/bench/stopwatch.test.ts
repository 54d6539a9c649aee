// The stopwatch on a real device: which clock it takes, and that its time grows with the work.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { peakCases } from '../../bench/peaks.ts';
import { Stopwatch } from '../../bench/stopwatch.ts';
import { Gpu } from '../../engine/core/gpu.ts';
import { requestNodeAdapter } from '../../engine/node.ts';
import { testGpu } from '../support/gpu.ts';

async function arithmetic(gpu: Gpu) {
  const program = await gpu.capture(peakCases[0].setUp(gpu).run);
  program.run();
  await gpu.sync();
  return program;
}

test('without timestamps the wall times', async () => {
  const { adapter } = await requestNodeAdapter();
  const gpu = new Gpu(await adapter.requestDevice());
  const program = await arithmetic(gpu);
  const stopwatch = await Stopwatch.choose(gpu, program);
  assert.equal(stopwatch.clock, {
    source: 'wall',
    reason: 'the device has no timestamp-query',
  });
  assert.is(stopwatch.timestamps, undefined);
  assert.ok((await stopwatch.time(program, 2)) > 0);
  gpu.destroy();
});

test('whichever clock is chosen says why, and measures', async () => {
  const gpu = await testGpu();
  const program = await arithmetic(gpu);
  const stopwatch = await Stopwatch.choose(gpu, program);
  assert.ok(stopwatch.clock.reason.length > 0);
  assert.ok((await stopwatch.time(program, 1)) > 0);
  stopwatch.destroy();
});

test('timestamps of passes follow one another', async () => {
  const gpu = await testGpu();
  const program = await arithmetic(gpu);
  const { timestamps } = await Stopwatch.choose(gpu, program);
  if (!timestamps) return;
  for (let i = 0; i < 3; i++) timestamps.note(2 * i, 2 * i + 1, () => program.run());
  const notes = await timestamps.read(6);
  assert.is(notes[0], 0);
  notes.forEach((note, i) => {
    assert.ok(i === 0 || note >= notes[i - 1], `${notes}`);
  });
  assert.ok(notes[1] > 0, 'the pass takes time');
});

test.run();
