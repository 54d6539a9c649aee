// What the page knows of a training that was stopped: whether anything of it is there to go on with.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { RunView, TrainCalls, TrainingEnd } from '../../../gfsr/serve/train-calls.ts';
import type { Engine } from '../../../studio/engine/client.ts';
import type { Project } from '../../../studio/storage/project.ts';
import { Trainer } from '../../../studio/train/trainer.ts';

const run = (isFinished: boolean): RunView => ({
  started: '2026-01-01T00:00:00.000Z',
  isFinished,
  classes: ['a', 'b'],
  size: { channels: 1, height: 8, width: 8 },
  annotations: 'two',
  epochs: 3,
  verdicts: [],
});

/** A training that is stopped. @param last the run that is there then */
async function stopped(last: RunView | undefined, isPaused: boolean) {
  let end = (_: TrainingEnd) => {};
  const answers: Readonly<Record<string, () => unknown>> = {
    device: () => ({ isSoftware: true }),
    lastRun: () => last,
    train: () =>
      new Promise<TrainingEnd>((resolve) => {
        end = resolve;
      }),
    stopTraining: () => end('stopped'),
    followTraining: () => undefined,
  };
  const engine = { ask: async (name: string) => answers[name]() };
  const project = { annotations: async () => '{}' };
  const trainer = new Trainer(
    engine as unknown as Engine<TrainCalls>,
    project as unknown as Project,
  );
  const done = trainer.train();
  await new Promise((resolve) => setTimeout(resolve));
  await trainer.stop(isPaused);
  await done;
  return trainer.state.value;
}

test('a training that left a run can go on', async () => {
  assert.equal(await stopped(run(false), true), { state: 'stopped', isPaused: true });
  assert.equal(await stopped(run(false), false), { state: 'stopped', isPaused: false });
});

test('one that was stopped before its first step left nothing, or the finished run before it', async () => {
  for (const last of [undefined, run(true)]) {
    const state = await stopped(last, false);
    assert.equal(state, { state: 'stopped', isPaused: false, isEmpty: true });
  }
});

test('a training goes on when only the connection to it broke', async () => {
  let follows = 0;
  const places: unknown[] = [];
  const engine = {
    async ask(name: string, input: unknown, options?: { onProgress(progress: unknown): void }) {
      if (name === 'lastRun') return run(true);
      if (name === 'train') throw new Error('the server does not answer');
      if (name !== 'followTraining') return { isSoftware: true };
      places.push(input);
      if (follows++ === 0) return undefined; // of the page that was just loaded
      options?.onProgress({});
      if (follows === 2) throw new Error('the server does not answer');
      return 'finished';
    },
  };
  const project = { id: 'x', annotations: async () => '{}' };
  const trainer = new Trainer(
    engine as unknown as Engine<TrainCalls>,
    project as unknown as Project,
  );
  await new Promise((resolve) => setTimeout(resolve));
  await trainer.train();
  assert.equal(trainer.state.value, { state: 'finished' });
  assert.equal(places, Array(3).fill({ kind: 'browser', id: 'x' }));
});

test.run();
