// A comparison of the smallest trials, and what must be the same of it however and wherever it was run.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { gfsr } from '../gfsr/cli/cli.ts';
import { writeTiny } from '../support/tiny-data.ts';

/** Two trainings per seed, both as small as can be. */
export function writeLab(folder: string, seeds: number): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'lab.json');
  const settings = {
    data: { source: writeTiny(folder) },
    model: { widths: [2], hidden: 4 },
    train: { batchSize: 16, epochs: 1 },
    guidance: { warmupEpochs: 1, rampEpochs: 0 },
  };
  const variants = [
    'cross-entropy',
    { name: 'slow', guidance: { loss: 'cross-entropy' }, train: { lr: 1e-4 } },
  ];
  writeFileSync(
    path,
    JSON.stringify({ settings, variants, seeds: Array.from({ length: seeds }, (_, i) => i) }),
  );
  return path;
}

/** Records by file name, without what differs from run to run. */
export const recordsIn = (folder: string): Record<string, unknown> =>
  Object.fromEntries(
    readdirSync(join(folder, 'trials'))
      .sort()
      .map((name) => {
        const text = readFileSync(join(folder, 'trials', name), 'utf8');
        const { finished, seconds, checksum, ...same } = JSON.parse(text);
        assert.ok(finished && seconds && checksum, name);
        assert.type(same.adapterInfo.vendor, 'string', name);
        return [name, same];
      }),
  );

/** Runs the comparison in one process, undisturbed. Returns its folder. */
export async function runAlone(lab: string, flags: readonly string[] = []): Promise<string> {
  const out = join(dirname(lab), 'alone');
  const { code, stderr } = await gfsr(['compare', '--config', lab, '--out', out, ...flags]);
  assert.is(code, 0, stderr);
  return out;
}

/** @throws unless both folders hold `count` trials, each with the same bytes, and the same table */
export function requireSame(folder: string, alone: string, count: number): void {
  const [ours, theirs] = [recordsIn(folder), recordsIn(alone)];
  assert.is(Object.keys(ours).length, count);
  for (const [name, record] of Object.entries(theirs)) assert.equal(ours[name], record, name);
  const table = (path: string) => readFileSync(join(path, 'table.csv'), 'utf8');
  assert.is(table(folder), table(alone));
}
