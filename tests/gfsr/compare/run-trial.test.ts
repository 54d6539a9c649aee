// A trial that is stopped: whatever it is doing, it says so, and is no failure.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { comparisonOf } from '../../../gfsr/compare/comparison.ts';
import { parseComparison } from '../../../gfsr/compare/comparison-file.ts';
import { runSingleTrial } from '../../../gfsr/compare/single-trial.ts';
import { TrialFiles } from '../../../gfsr/compare/trial-files.ts';
import type { Trial } from '../../../gfsr/compare/trials.ts';
import { InterruptedError } from '../../../gfsr/train/experiment.ts';
import type { TrainHooks } from '../../../gfsr/train/train-hooks.ts';
import { testGpu } from '../../support/gpu.ts';
import { tinySettings, writeTiny } from '../../support/tiny-data.ts';
import { tempFolder } from '../report/synthetic.ts';

/** No result is kept, so it does not matter on what it was computed. */
const tested = { isSoftware: true, features: [], limits: {} };

/** The comparison with this content, and what runs its trials until their warm start is made. */
async function opened(content: object) {
  const gpu = await testGpu();
  const text = JSON.stringify({ ...content, seeds: [0] });
  const spec = parseComparison(text, 'lab.json', {});
  const comparison = await comparisonOf(spec, { kind: 'comparison', file: '', text, changes: {} });
  const warmStart = async (trial: Trial, onEpoch?: TrainHooks['onEpoch']): Promise<void> => {
    const stop = new AbortController();
    const job = {
      gpu,
      adapter: { ...tested, vendor: '', architecture: '', device: '', description: '' },
      files: new TrialFiles(tempFolder()),
      hooks: { signal: stop.signal, onWarmStart: () => stop.abort(), onEpoch },
    };
    try {
      await runSingleTrial(trial, comparison, job);
      assert.unreachable('it was not stopped');
    } catch (error) {
      assert.instance(error, InterruptedError, `${error}`);
    }
  };
  return { trials: comparison.trials, warmStart };
}

test('Ctrl-C while λ is balanced, between warm start and guided training', async () => {
  const { guidance, ...settings } = tinySettings(writeTiny(tempFolder()));
  const { trials, warmStart } = await opened({
    settings,
    variants: [{ name: 'energy', guidance: { ...guidance, balance: 'loss-ratio' } }],
  });
  await warmStart(trials[0]);
});

test('the warm start is the same, whichever variant makes it: its alignment is measured alike', async () => {
  const tiny = tinySettings(writeTiny(tempFolder()));
  const { trials, warmStart } = await opened({
    settings: { ...tiny, train: { ...tiny.train, selection: 'best' } },
    variants: ['cross-entropy', { name: 'energy', saliency: { source: 'input-gradient' } }],
  });
  const aligned: (number | undefined)[] = [];
  for (const trial of trials) {
    await warmStart(trial, ({ valAlignment }) => void aligned.push(valAlignment));
  }
  assert.is(trials[0].warmKey, trials[1].warmKey);
  assert.is(aligned.length, 2);
  assert.ok(Number.isFinite(aligned[0]));
  assert.is(aligned[1], aligned[0]);
});

test.run();
