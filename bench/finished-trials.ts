// What a store and the tables cost when thousands of trials are finished. See docs/scaling.md.
// Usage: node --conditions=gfsr-source --import tsx bench/finished-trials.ts [10000]
//
// Two of the smallest trials are trained. Their records stand for those of all other seeds, each under its own key.

import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Gpu } from '../engine/core/gpu.ts';
import { createNodeDevice } from '../engine/node.ts';
import { openComparison, runComparison, runComparisonWith } from '../gfsr/compare/comparison.ts';
import { fromStore } from '../gfsr/queue/collect.ts';
import { FolderStore } from '../gfsr/queue/folder-store.ts';
import { writeLab } from '../tests/faults/lab.ts';

const trials = Number(process.argv[2] ?? 10_000);
const root = mkdtempSync(join(tmpdir(), 'gfsr-finished-'));
try {
  const [first, second] = await trained();
  const comparison = await timed('open the comparison', () =>
    openComparison(writeLab(root, trials / 2)),
  );
  const store = new FolderStore(pathToFileURL(join(root, 'store')).href);
  await timed('save a record', async () => {
    for (const { key, seed, condition } of comparison.trials) {
      const { label } = condition;
      await store.save({ ...(label === first.label ? first : second), key, seed, label });
    }
  });
  await timed('find a record', async () => {
    for (const { key } of comparison.trials) await store.load(key);
  });
  const pulled = join(root, 'pulled');
  const pull = () => runComparisonWith(fromStore(store, false), comparison, pulled);
  await timed('pull, and write tables and report', pull);
  await timed('pull again, when nothing is missing', pull);
  for (const { name, bytes } of filesIn(pulled)) console.log(`${name}: ${bytes} bytes`);
  console.log(`largest resident memory: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
} finally {
  rmSync(root, { recursive: true, force: true });
}

/** The records of one seed. */
async function trained() {
  const { device, wait, info } = await createNodeDevice();
  const gpu = new Gpu(device, { wait });
  try {
    const comparison = await openComparison(writeLab(root, 1));
    const { records } = await runComparison(gpu, comparison, join(root, 'first'), info);
    return records;
  } finally {
    gpu.destroy();
  }
}

/** Says how long something took, in all and per trial. */
async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  const ms = performance.now() - start;
  console.log(`${what}: ${(ms / 1000).toFixed(1)} s, ${(ms / trials).toFixed(2)} ms per trial`);
  return result;
}

function filesIn(folder: string): { name: string; bytes: number }[] {
  return readdirSync(folder)
    .map((name) => ({ name, stat: statSync(join(folder, name)) }))
    .flatMap(({ name, stat }) => (stat.isFile() ? [{ name, bytes: stat.size }] : []));
}
