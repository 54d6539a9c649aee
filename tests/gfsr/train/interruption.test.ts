// An experiment that is stopped anywhere, and goes on from what is stored, ends with the same bytes.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Annotations, MARK } from '../../../gfsr/annotation/marks.ts';
import { parseConfig } from '../../../gfsr/config/parse.ts';
import {
  type ExperimentResult,
  InterruptedError,
  memoryStore,
  runExperiment,
} from '../../../gfsr/train/experiment.ts';
import { STAGES } from '../../../gfsr/train/train-hooks.ts';
import { testGpu } from '../../support/gpu.ts';
import { AREA, halves as dataset, SIDE } from '../../support/halves.ts';

const gpu = await testGpu();
const config = parseConfig({
  model: { widths: [2], hidden: 4 },
  train: { batchSize: 8, epochs: 3, selection: 'best' },
  guidance: { warmupEpochs: 1, rampEpochs: 1 },
  masks: { segments: 16, concepts: 3 },
});
const annotations: Annotations = new Map(
  [0, 1, 2].map((i) => [
    i,
    [Uint8Array.from({ length: AREA }, (_, p) => (p % SIDE < 3 ? MARK.positive : 0))],
  ]),
);

const bytesOf = ({ arms }: ExperimentResult) =>
  Object.values(arms).map(({ weights, epoch, history }) => ({
    epoch,
    history: history.map(({ seconds: _, ...record }) => record),
    weights: [...weights].map(([name, { data }]) => [name, [...data]]),
  }));

/** What a signal can be aborted at: everything that an experiment reports, in order. */
async function run(stopAt: number, store = memoryStore()) {
  const stop = new AbortController();
  const seen: string[] = [];
  const happens = (what: string) => {
    seen.push(what);
    if (seen.length - 1 === stopAt) stop.abort();
  };
  const outcome = await runExperiment(gpu, {
    ...{ dataset, config, annotations, store, signal: stop.signal },
    onProgress: (stage, share) => happens(`${stage} ${share.toFixed(3)}`),
    onEpoch: ({ epoch }, phase) => happens(`epoch ${epoch} of ${phase}`),
  }).catch((error: Error) => error);
  return { outcome, seen, store };
}

const whole = await run(-1);
const expected = bytesOf(whole.outcome as ExperimentResult);

test('every stage reports its share, from little to all, in the order of the stages', () => {
  const shares = new Map<string, number[]>();
  for (const each of whole.seen.filter((line) => !line.startsWith('epoch'))) {
    const [stage, share] = each.split(' ');
    shares.set(stage, [...(shares.get(stage) ?? []), Number(share)]);
  }
  assert.equal([...shares.keys()].sort(), [...STAGES].sort());
  for (const [stage, all] of shares) {
    assert.equal(
      all,
      [...all].sort((a, b) => a - b),
      stage,
    );
    assert.is(all.at(-1), 1, stage);
  }
});

test('stopped at any report and resumed, the run ends with the same bytes', async () => {
  // The first report of each stage.
  const places: number[] = [];
  let last = '';
  for (const [i, each] of whole.seen.entries()) {
    const [stage] = each.split(' ');
    if (stage === 'epoch' || stage === last) continue;
    places.push(i);
    last = stage;
  }
  let stopped = 0;
  for (const place of places) {
    const { outcome, store } = await run(place);
    if (!(outcome instanceof Error)) continue; // the last report of all
    assert.instance(outcome, InterruptedError, `${whole.seen[place]}: ${outcome}`);
    stopped++;
    const again = await run(-1, store);
    assert.equal(bytesOf(again.outcome as ExperimentResult), expected, whole.seen[place]);
  }
  assert.ok(stopped >= 5, `${stopped}`);
});

test('an epoch that was stopped while it was measured is measured when the run goes on', async () => {
  const store = memoryStore();
  const stop = new AbortController();
  let steps = 0;
  const outcome = await runExperiment(gpu, {
    ...{ dataset, config, annotations, store, signal: stop.signal },
    onStep: () => {
      // The last step of the first epoch: what follows is the validation.
      if (++steps === 3) stop.abort();
    },
  }).catch((error: Error) => error);
  assert.instance(outcome, InterruptedError);
  const left = await store.load('warm-start');
  assert.equal([left?.step, left?.history.length], [3, 0]);
  const again = await run(-1, store);
  assert.equal(bytesOf(again.outcome as ExperimentResult), expected);
});

test('a signal that was aborted before stops at once', async () => {
  const outcome = await runExperiment(gpu, {
    ...{ dataset, config, annotations, signal: AbortSignal.abort() },
  }).catch((error: Error) => error);
  assert.instance(outcome, InterruptedError);
});

test.run();
