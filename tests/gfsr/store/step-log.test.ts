// The log of training steps: nothing twice and nothing missing, wherever a run was stopped or killed.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withChanges } from '../../../gfsr/config/config.ts';
import { RunFolder } from '../../../gfsr/store/run-folder.ts';
import { continueLog } from '../../../gfsr/store/step-log.ts';
import { config, context, dataset, history, tempFolder, weights } from '../report/synthetic.ts';

const report = (step: number, session = 1) => ({
  ...{ step, epoch: 0, crossEntropy: 1 / 3, relevance: 0, lambda: 0, lr: 1e-3 },
  seconds: session,
});
const stepsOf = (log: string) =>
  log
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const { step, seconds } = JSON.parse(line);
      return [step, seconds];
    });

test('a log goes on where it ended', () => {
  const first = continueLog('', [report(1), report(2)], 2);
  assert.is(
    first.split('\n')[0],
    '{"step":1,"epoch":0,"crossEntropy":0.3333333333333333,"relevance":0,"lambda":0,"lr":0.001,"seconds":1}',
  );
  const steps = stepsOf(continueLog(first, [report(3, 2)], 3));
  assert.equal(steps, [
    [1, 1],
    [2, 1],
    [3, 2],
  ]);
});

test('steps that are trained again replace those of a process that was killed before its checkpoint', () => {
  const ahead = continueLog('', [report(1), report(2), report(3)], 3);
  assert.equal(stepsOf(continueLog(ahead, [report(2, 2)], 2)), [
    [1, 1],
    [2, 2],
  ]);
  assert.equal(stepsOf(continueLog(ahead, [], 1)), [[1, 1]]);
});

test('lines that are no steps are left out', () => {
  const damaged = `${continueLog('', [report(1)], 1)}{"ste`;
  assert.equal(stepsOf(continueLog(damaged, [report(2)], 2)), [
    [1, 1],
    [2, 1],
  ]);
});

test('a run writes the log of an arm with its checkpoint, every n-th step of it', async () => {
  const about = context(dataset());
  const checkpoint = (step: number) => ({
    ...{ step, tensors: weights('x'), history: history(true) },
    partial: { crossEntropy: 0, relevance: 0, guided: 0, steps: 0, seconds: 0 },
  });
  for (const [logEvery, expected] of [
    [0, undefined],
    [1, [1, 2, 3, 4, 5]],
    [2, [2, 4]],
  ] as const) {
    const path = `${tempFolder()}/run`;
    const changed = withChanges(config, { train: { ...config.train, logEvery } });
    const run = RunFolder.create(path, changed, about);
    for (let step = 1; step <= 5; step++) {
      run.logStep({ ...report(step), total: 5 }, 'guided');
      if (step === 3) await run.save('guided', checkpoint(3));
    }
    await run.save('guided', checkpoint(5));
    const log = await run.read('steps/guided.jsonl');
    assert.equal(log && stepsOf(new TextDecoder().decode(log)).map(([step]) => step), expected);
    run.close();
  }
});

test.run();
