// A trial that is stopped: whatever it is doing, it says so, and is no failure.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { comparisonOf } from '../../../gfsr/compare/comparison.ts';
import { parseComparison } from '../../../gfsr/compare/comparison-file.ts';
import { runSingleTrial } from '../../../gfsr/compare/single-trial.ts';
import { TrialFiles } from '../../../gfsr/compare/trial-files.ts';
import { InterruptedError } from '../../../gfsr/train/experiment.ts';
import { testGpu } from '../../support/gpu.ts';
import { tinySettings, writeTiny } from '../../support/tiny-data.ts';
import { tempFolder } from '../report/synthetic.ts';

/** No result is kept, so it does not matter on what it was computed. */
const tested = { isSoftware: true, features: [], limits: {} };

test('Ctrl-C while λ is balanced, between warm start and guided training', async () => {
  const gpu = await testGpu();
  const { guidance, ...settings } = tinySettings(writeTiny(tempFolder()));
  const text = JSON.stringify({
    settings,
    variants: [{ name: 'energy', guidance: { ...guidance, balance: 'loss-ratio' } }],
    seeds: [0],
  });
  const spec = parseComparison(text, 'lab.json', {});
  const comparison = await comparisonOf(spec, { kind: 'comparison', file: '', text, changes: {} });
  const [trial] = comparison.trials;
  const stop = new AbortController();
  const job = {
    gpu,
    adapter: { ...tested, vendor: '', architecture: '', device: '', description: '' },
    files: new TrialFiles(tempFolder()),
    hooks: { signal: stop.signal, onWarmStart: () => stop.abort() },
  };
  try {
    await runSingleTrial(trial, comparison, job);
    assert.unreachable('it was not stopped');
  } catch (error) {
    assert.instance(error, InterruptedError, `${error}`);
  }
});

test.run();
