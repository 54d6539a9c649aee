// Every reader that is fuzzed, and the n-th file that it is given.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../../engine/core/random.ts';
import { annotationTargets } from './annotation-targets.ts';
import { dataTargets } from './data-targets.ts';
import { mutate, pick } from './mutation.ts';
import { recordTargets } from './record-targets.ts';
import { FUZZED, type Target } from './target.ts';

export const targets: readonly Target[] = [
  ...dataTargets,
  ...annotationTargets(join(tmpdir(), `gfsr-${FUZZED}-${process.pid}`)),
  ...recordTargets,
];

/** Larger samples would cost more time than they find faults. */
const MOST_SAMPLE_BYTES = 2 ** 17;

/** Files that a target begins from: its own, and the samples below some folders. */
export async function seedsOf(
  { seeds, samples }: Target,
  folders: readonly string[],
): Promise<readonly Uint8Array[]> {
  const found = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((path) => samples.test(path) && statSync(path).size <= MOST_SAMPLE_BYTES)
      .sort()
      .map((path) => new Uint8Array(readFileSync(path))),
  );
  return [...(await seeds()), ...found];
}

/** File number `n` of a target: the same for the same seed and samples. */
export function fileOf(
  { name, mutations }: Target,
  seeds: readonly Uint8Array[],
  seed: number,
  n: number,
): Uint8Array<ArrayBuffer> {
  const random = new Random(seed, `${name} ${n}`);
  return mutate(pick(seeds, random), mutations, random);
}
