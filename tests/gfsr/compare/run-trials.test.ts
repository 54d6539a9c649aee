// Which records a comparison takes, wherever its trials ran.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseComparison } from '../../../gfsr/compare/comparison-file.ts';
import { ComparisonFolder } from '../../../gfsr/compare/comparison-folder.ts';
import { runTrials, type TrialRunner } from '../../../gfsr/compare/run-trials.ts';
import type { TrialRecord } from '../../../gfsr/compare/trial-record.ts';
import { listTrials, type Trial } from '../../../gfsr/compare/trials.ts';
import { defaultConfig } from '../../../gfsr/config/config.ts';
import { fingerprint } from '../../../gfsr/data/fingerprint.ts';
import { fromStore } from '../../../gfsr/queue/collect.ts';
import { FolderStore } from '../../../gfsr/queue/folder-store.ts';
import { tempFolder } from '../report/synthetic.ts';

const root = tempFolder();
const CODE = 'now';
const comparison = { variants: ['cross-entropy', 'gfsr'], seeds: [0, 1] };
const trials = listTrials(
  parseComparison(JSON.stringify(comparison), 'lab.json'),
  defaultConfig,
  new Map(),
  CODE,
);

const split = {
  ...{ count: 1, images: Uint8Array.of(7), labels: Int32Array.of(0), ids: ['a'] },
};
const dataset = { train: split, val: split, test: split };
const [NOW, BEFORE] = [fingerprint(dataset), '0'.repeat(64)];
const sources = { dataset: async () => dataset } as never;

const recordOf = ({ key, seed, condition }: Trial, sha256: string, isSoftware = true) =>
  ({
    ...{ format: 'gfsr-trial', version: 2, key, label: condition.label, seed, control: 'none' },
    ...{ settings: {}, dataset: { name: 'toy', sha256 }, adapter: 'none', isSoftware },
    ...{ gfsr: '1.0.0', code: CODE, finished: 'now', seconds: 1, annotated: 2, lossBalance: null },
    figures: { 'test accuracy': 0.75 },
  }) satisfies TrialRecord;

/** Runs in a new folder that has the first of these records already. */
function run(name: string, runner: TrialRunner, kept: readonly TrialRecord[] = []) {
  const folder = ComparisonFolder.open(join(root, name), '{}');
  for (const record of kept) folder.saveTrial(record);
  return runTrials(runner, { trials, folder, sources, code: CODE }).finally(() => folder.close());
}

/** A runner that asks for no data, as workers that read it themselves. */
const elsewhere =
  (sha256: string): TrialRunner =>
  async ({ missing, finished }) => {
    for (const trial of missing) await finished(recordOf(trial, sha256));
  };

const refusal = (result: Promise<unknown>): Promise<string> =>
  result.then(
    () => 'accepted',
    ({ message }: Error) => message,
  );

test('trials of other data are refused, wherever they were run', async () => {
  const changed = /decoy-mnist has changed since trial .* was run; .* Restore the data/;
  const old = recordOf(trials[0], BEFORE);
  assert.match(await refusal(run('kept', elsewhere(NOW), [old])), changed);
  assert.match(await refusal(run('elsewhere', elsewhere(BEFORE))), changed);
  assert.is(await refusal(run('same', elsewhere(NOW), [recordOf(trials[0], NOW)])), 'accepted');
});

test('a store is no way around that, nor are two pulls around --mixed', async () => {
  const storeWith = async (name: string, records: readonly TrialRecord[]) => {
    const store = new FolderStore(pathToFileURL(join(root, name)).href);
    for (const record of records) await store.save(record);
    return fromStore(store, false);
  };
  const old = await storeWith(
    'old',
    trials.map((trial) => recordOf(trial, BEFORE)),
  );
  assert.match(await refusal(run('pulled', old)), /has changed since trial/);
  const hardware = await storeWith('gpu', [recordOf(trials[1], NOW, false)]);
  assert.match(
    await refusal(run('two kinds', hardware, [recordOf(trials[0], NOW)])),
    /1 of 2 trials were run on software adapters, the others on hardware/,
  );
});

test.run();
