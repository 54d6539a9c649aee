// The log of training steps: nothing twice and nothing missing, wherever a run was stopped or killed.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withChanges } from '../../../gfsr/config/config.ts';
import { RunFolder } from '../../../gfsr/store/run-folder.ts';
import { continueLog } from '../../../gfsr/store/step-log.ts';
import { type FileStore, memoryFiles, StoredRun } from '../../../gfsr/store/stored-run.ts';
import { config, context, dataset, history, tempFolder, weights } from '../report/synthetic.ts';

const report = (step: number, session = 1) => ({
  ...{ step, epoch: 0, crossEntropy: 1 / 3, relevance: 0, lambda: 0, lr: 1e-3 },
  seconds: session,
});
const checkpoint = (step: number) => ({
  ...{ step, tensors: weights('x'), history: history(true) },
  partial: { crossEntropy: 0, relevance: 0, guided: 0, steps: 0, seconds: 0 },
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

/** A store that counts the bytes of logs that pass through it. */
function counting() {
  const files = memoryFiles();
  const passed: string[] = [];
  const note = (what: string, name: string, bytes: number) =>
    void (name.startsWith('steps/') && passed.push(`${what} ${bytes}`));
  const store: FileStore = {
    ...files,
    read: async (name) => {
      const bytes = await files.read(name);
      note('read', name, bytes?.length ?? 0);
      return bytes;
    },
    write: async (name, content) => {
      note('write', name, content.length);
      await files.write(name, content);
    },
    append: async (name, content, at) => {
      note('append', name, content.length);
      await files.append(name, content, at);
    },
  };
  return { files, store, passed };
}

test('a checkpoint costs what was logged since the last one, and a new process checks the log once', async () => {
  const { files, store, passed } = counting();
  const about = context(dataset());
  const run = await StoredRun.create(store, config, about);
  const line = JSON.stringify(report(1)).length + 1;
  for (let step = 1; step <= 4; step++) {
    run.logStep({ ...report(step), total: 8 }, 'guided');
    await run.save('guided', checkpoint(step));
  }
  const one = [1, 2, 3].map(() => `append ${line}`);
  assert.equal(passed.splice(0), ['read 0', `write ${line}`, ...one]);
  // Killed in the middle of an append: step 5 has no checkpoint, and its line no end.
  await files.append('steps/guided.jsonl', new TextEncoder().encode('{"step":5,"ep'), 4 * line);
  const again = (await StoredRun.open(store)) as StoredRun;
  for (let step = 5; step <= 6; step++) {
    again.logStep({ ...report(step, 2), total: 8 }, 'guided');
    await again.save('guided', checkpoint(step));
  }
  assert.equal(passed, [`read ${4 * line + 13}`, `write ${5 * line}`, `append ${line}`]);
  const log = new TextDecoder().decode(await files.read('steps/guided.jsonl'));
  assert.equal(
    stepsOf(log),
    [1, 2, 3, 4, 5, 6].map((step) => [step, step > 4 ? 2 : 1]),
  );
});

test('steps that are trained again in the same process replace those of the log', async () => {
  const path = `${tempFolder()}/run`;
  const run = RunFolder.create(path, config, context(dataset()));
  for (const [step, session] of [
    [1, 1],
    [2, 1],
    [3, 1],
    [2, 2],
    [3, 2],
  ]) {
    run.logStep({ ...report(step, session), total: 3 }, 'guided');
    await run.save('guided', checkpoint(step));
  }
  const log = new TextDecoder().decode(await run.read('steps/guided.jsonl'));
  assert.equal(stepsOf(log), [
    [1, 1],
    [2, 2],
    [3, 2],
  ]);
  run.close();
});

test.run();
