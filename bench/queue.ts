// Measures how many marks the queue of images worth marking next saves against images at random.
//
//   npm run bench:queue -- --side 32 msrc.npz leeds-butterfly.npz
//
// One half of the training images is offered for marking, and simulated people scribble on what they are offered. Masks
// spread from these marks are scored on the real masks of the other half, which is the same for both ways. Validation
// and test images are not looked at.

import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { Gpu } from '../engine/core/gpu.ts';
import { Random } from '../engine/core/random.ts';
import { createNodeDevice } from '../engine/node.ts';
import type { Annotations } from '../gfsr/annotation/marks.ts';
import { annotationPlanes } from '../gfsr/annotation/planes.ts';
import { simulateAnnotations } from '../gfsr/annotation/simulate.ts';
import { mean, pairedTTest } from '../gfsr/compare/statistics.ts';
import { type Dataset, subset } from '../gfsr/data/dataset.ts';
import { dataDefaults } from '../gfsr/data/defaults.ts';
import { loadDataset } from '../gfsr/data/load.ts';
import { suggestImages } from '../gfsr/masks/marking-queue.ts';
import type { MaskOptions } from '../gfsr/masks/masks.ts';
import { type PreparedSegments, prepareSegments } from '../gfsr/masks/prepare.ts';
import { finished, refineMarks, spreadMarks } from '../gfsr/masks/spread.ts';
import { scoreRelevance } from '../gfsr/masks/spread-quality.ts';
import { realRelevance } from './real-relevance.ts';

const WAYS = ['queue', 'random'] as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    side: { type: 'string', default: '32' },
    seeds: { type: 'string', default: '0,1,2,3,4' },
    marked: { type: 'string', default: '5,10,20,40,80' },
    /** Scores the closed form; without it the relevance network, as the masks of a training have it. */
    'closed-form': { type: 'boolean', default: false },
  },
});
const budgets = values.marked.split(',').map(Number);
const seeds = values.seeds.split(',').map(Number);

const opened = values['closed-form'] ? undefined : await createNodeDevice();
const gpu = opened && new Gpu(opened.device, { wait: opened.wait });
console.log('data\tmarked\tAUC queue\tAUC random\tdifference\t± 95 %\tsaved');
try {
  for (const path of positionals) await measure(path);
} finally {
  gpu?.destroy();
}

/** One line per number of marked images: both ways, and their difference. */
async function measure(path: string): Promise<void> {
  const aucs = new Map<string, number[]>();
  for (const seed of seeds) {
    const { prepared, strokes, dataset, options } = await prepare(path, seed);
    const order = new Random(seed, 'halves').shuffle([...strokes.keys()]);
    const offered = order.slice(0, Math.floor(order.length / 2));
    const scored = realRelevance(dataset, order.slice(offered.length), prepared);
    for (const way of WAYS) {
      const marks = new Map<number, Annotations extends ReadonlyMap<number, infer P> ? P : never>();
      while (marks.size < Math.min(Math.max(...budgets), offered.length)) {
        const next =
          way === 'queue'
            ? suggested(prepared, marks, options, offered)
            : inTurn(dataset, marks, offered);
        marks.set(next, strokes.get(next) ?? []);
        if (!budgets.includes(marks.size)) continue;
        const { auc } = scoreRelevance(await spread(prepared, marks, options), scored);
        const key = `${way} ${marks.size}`;
        aucs.set(key, [...(aucs.get(key) ?? []), auc]);
      }
    }
  }
  for (const budget of budgets) {
    const [queue, random] = WAYS.map((way) => aucs.get(`${way} ${budget}`));
    if (!queue || !random) continue;
    const { difference, half } = pairedTTest(random, queue);
    const figures = [mean(queue), mean(random), difference, half].map((each) => each.toFixed(3));
    const saved = marksFor(mean(queue), (n) => mean(aucs.get(`random ${n}`) ?? [])) - budget;
    console.log([basename(path), budget, ...figures, saved.toFixed(1)].join('\t'));
  }
}

/** Number of marked images at which a curve first reaches a value, between measured numbers by a straight line. */
function marksFor(value: number, curve: (n: number) => number): number {
  const at = budgets.findIndex((n) => curve(n) >= value);
  if (at < 0) return Number.NaN;
  if (at === 0) return budgets[0];
  const [[n0, v0], [n1, v1]] = [budgets[at - 1], budgets[at]].map((n) => [n, curve(n)]);
  return n0 + ((n1 - n0) * (value - v0)) / (v1 - v0);
}

/** Segments as the marking page has them, which describes them without feature maps, and marks on every image. */
async function prepare(path: string, seed: number) {
  const whole = await loadDataset(path, { side: Number(values.side), seed });
  const { train } = whole;
  const masked = [...(train.masks?.keys() ?? [])].sort((a, b) => a - b);
  const dataset = { ...whole, train: subset(train, masked) };
  const options = { ...dataDefaults(dataset).masks, features: 'none', seed } as const;
  const prepared = await prepareSegments(undefined, dataset, options);
  const file = simulateAnnotations(dataset, { fraction: 1, kind: 'scribble', seed });
  return { dataset, prepared, options, strokes: annotationPlanes(file, dataset) };
}

function suggested(
  prepared: PreparedSegments,
  marks: Annotations,
  options: MaskOptions,
  among: readonly number[],
): number {
  const spread = marks.size > 0 ? finished(spreadMarks(prepared, marks, options)) : undefined;
  return suggestImages(prepared, marks, spread, options, { count: 1, among })[0].image;
}

/** At random, from a class with the fewest marked images. `offered` is in random order. */
function inTurn({ train }: Dataset, marks: Annotations, offered: readonly number[]): number {
  const turns = new Map<number, number>();
  for (const i of marks.keys()) turns.set(train.labels[i], (turns.get(train.labels[i]) ?? 0) + 1);
  const left = offered.filter((i) => !marks.has(i));
  const turnOf = (i: number) => turns.get(train.labels[i]) ?? 0;
  return left.reduce((best, i) => (turnOf(i) < turnOf(best) ? i : best));
}

async function spread(prepared: PreparedSegments, marks: Annotations, options: MaskOptions) {
  const closed = spreadMarks(prepared, marks, options);
  return (gpu ? await refineMarks(gpu, prepared, closed, options) : finished(closed)).relevance;
}
