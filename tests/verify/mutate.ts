// `npm run mutate`: makes each mistake of `mutations` in a copy of the sources and runs the test that must detect it;
// `npm run mutate -- kernels/pooling` only those in files, or seen by tests, whose path has this in it.

import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTests } from '../run.ts';
import type { Mutation } from './mutation.ts';
import { mutations } from './mutations.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COPIED = [
  'kernels',
  'engine',
  'model',
  'gfsr',
  'tests',
  'scripts',
  'package.json',
  'tsconfig.json',
];
/** A mistake may make a loop endless. A test that is stopped has detected it, so the limit is generous. */
const limitOf = (unchangedMs: number): number => 60_000 + 5 * unchangedMs;
const UNCHANGED_LIMIT_MS = 3_600_000;

/** @throws Error if the text to change is not in the file exactly once: then the list is out of date */
export function mutate(text: string, { file, original, replacement }: Mutation): string {
  const count = text.split(original).length - 1;
  if (count !== 1) {
    throw new Error(
      `mutate: ${file} has ${count} times \`${original}\`, expected once. Fix the list.`,
    );
  }
  return text.replace(original, () => replacement);
}

function copySources(): string {
  const copy = mkdtempSync(join(tmpdir(), 'gfsr-mutate-'));
  for (const name of COPIED) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** True if the test file passes in the copy. */
async function passes(copy: string, test: string, timeoutMs: number): Promise<boolean> {
  const root = join(copy, 'tests');
  const { passed, failed } = await runTests({
    root,
    filters: [test],
    jobs: 1,
    timeoutMs,
    bail: true,
    log: () => {},
  });
  if (passed + failed === 0) throw new Error(`mutate: no test file ${test}.`);
  return failed === 0;
}

/** Makes a mistake in the copy, and takes it back. True if the test that must see it does. */
async function isCaught(copy: string, mutation: Mutation, limitMs: number): Promise<boolean> {
  const path = join(copy, mutation.file);
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, mutate(text, mutation));
  const survived = await passes(copy, mutation.test, limitMs);
  writeFileSync(path, text);
  return !survived;
}

async function main(): Promise<void> {
  const wanted = process.argv[2] ?? '';
  const chosen = mutations.filter(({ file, test }) => [file, test].some((s) => s.includes(wanted)));
  for (const mutation of mutations)
    mutate(readFileSync(join(ROOT, mutation.file), 'utf8'), mutation);
  const copy = copySources();
  let caught = 0;
  const begin = performance.now();
  try {
    for (const test of new Set(chosen.map((mutation) => mutation.test))) {
      const start = performance.now();
      if (!(await passes(copy, test, UNCHANGED_LIMIT_MS))) {
        throw new Error(`mutate: ${test} fails without a mutation.`);
      }
      const limit = limitOf(performance.now() - start);
      for (const mutation of chosen.filter((each) => each.test === test)) {
        const isSeen = await isCaught(copy, mutation, limit);
        if (isSeen) caught++;
        const { file, original, replacement } = mutation;
        console.log(
          `${isSeen ? 'caught  ' : 'SURVIVED'} ${file}: ${original} → ${replacement} (${test})`,
        );
      }
    }
    const minutes = ((performance.now() - begin) / 60_000).toFixed(0);
    console.log(`\n${caught} of ${chosen.length} caught in ${minutes} minutes`);
    process.exitCode = caught === chosen.length ? 0 : 1;
  } finally {
    rmSync(copy, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
