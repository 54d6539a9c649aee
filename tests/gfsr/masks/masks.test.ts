// The steps one by one give what `buildMasks` gives, and striking out alone guides away from what was struck out.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../engine/core/random.ts';
import { onlyStrikeOut } from '../../../gfsr/annotation/marks.ts';
import { allValues } from '../../../gfsr/data/values.ts';
import * as g from '../../../gfsr/index.ts';
import { summariseConcepts } from '../../../gfsr/masks/concept-summary.ts';
import { createClassifier } from '../../../model/architectures.ts';
import { testGpu } from '../../support/gpu.ts';

const gpu = await testGpu();
const SIDE = 8;
const AREA = SIDE * SIDE;
const IMAGES = 6;

/** Noise with a bright square in one corner, another in each class. */
function dataset(): g.Dataset {
  const random = new Random('stages');
  const split = (prefix: string): g.Split => ({
    count: IMAGES,
    images: Uint8Array.from({ length: IMAGES * AREA }, (_, k) => {
      const [i, p] = [Math.floor(k / AREA), k % AREA];
      const corner = p % SIDE < 4 && Math.floor(p / SIDE) < 4;
      return corner ? 200 + 20 * (i % 2) : random.int(60);
    }),
    labels: Int32Array.from({ length: IMAGES }, (_, i) => i % 2),
    ids: Array.from({ length: IMAGES }, (_, i) => `${prefix}${i}`),
  });
  return g.assembleDataset(
    { name: 'corner', classes: ['a', 'b'], channels: 1, height: SIDE, width: SIDE, notes: [] },
    { train: split('t'), val: split('v'), test: split('u') },
  );
}

const data = dataset();
const classifier = createClassifier(
  gpu,
  {
    ...{ architecture: 'small-cnn', channels: 1, classes: 2, size: SIDE, widths: [3], hidden: 4 },
    ...{ head: 'dense', norm: 'none' },
  },
  0,
);
const evaluator = new g.Evaluator(gpu, classifier, g.channelStats(data));
const { masks } = g.parseConfig({
  masks: { segments: 16, concepts: 3, relevanceNetwork: false, sigma: 0, scale: 'mean' },
});
const settings = { ...masks, seed: 0 };
const size = [SIDE, SIDE] as const;
const corner = (mark: number) =>
  Uint8Array.from({ length: AREA }, (_, p) => (p % SIDE < 4 && p < 4 * SIDE ? mark : 0));

test('nothing guides the unmarked images of a class in which nothing is relevant', async () => {
  const nothing = new Uint8Array(AREA).fill(g.MARK.negative);
  const build = (marks: g.Annotations) => g.buildMasks(gpu, evaluator, data, marks, settings, size);
  const weights = async (marks: g.Annotations) => (await build(marks)).weights;
  const found = [corner(g.MARK.positive)];
  const guided = await weights(new Map([[1, found]]));
  assert.ok(guided.every((weight) => weight > 0));
  const empty = await build(
    new Map([
      [1, found],
      [2, [nothing]],
    ]),
  );
  data.train.labels.forEach((label, i) => {
    assert.is(empty.weights[i] > 0, label === 1, `image ${i} of class ${label}`);
    const mask = empty.masks.subarray(i * AREA, (i + 1) * AREA);
    assert.is(
      mask.some((m) => m > 0),
      label === 1,
      `mask ${i} of class ${label}`,
    );
  });
  // One image of class 0 on which only a shortcut was struck out: something else on it is relevant.
  const shortcut = await weights(
    new Map([
      [1, found],
      [2, [nothing]],
      [4, [corner(g.MARK.negative)]],
    ]),
  );
  assert.equal([shortcut[0] > 0, shortcut[2], shortcut[4]], [true, 0, 1]);
  const struckOut = await weights(new Map([[1, [corner(g.MARK.negative)]]]));
  assert.ok(
    struckOut.every((weight) => weight > 0),
    'only struck out, so the rest is relevant',
  );
});

test('an image on which nobody could say anything counts as one that nobody marked', async () => {
  const build = (marks: g.Annotations) =>
    g.buildMasks(gpu, evaluator, data, marks, { ...settings, scale: 'peaks' }, size);
  const unsure = [new Uint8Array(AREA).fill(g.MARK.unknown)];
  const found: [number, Uint8Array[]] = [1, [corner(g.MARK.positive)]];
  // Image 2 is of the class that has no other mark, which does not make it one without a finding.
  assert.equal(await build(new Map([found, [2, unsure]])), await build(new Map([found])));
  // Somebody else decided: then it is marked.
  const two = await build(new Map([found, [3, [...unsure, corner(g.MARK.positive)]]]));
  assert.equal([two.weights[3], two.annotated], [1, 2]);
});

test('the mean of the maxima of marked images becomes 1; saturation multiplies it', async () => {
  const marks = new Map([[1, [corner(g.MARK.positive)]]]);
  const largest = async (saturation: number, scale: 'peaks' | 'mean') => {
    const config = { ...settings, scale, saturation };
    const { masks } = await g.buildMasks(gpu, evaluator, data, marks, config, size);
    // A marked image shows its strokes, so this is another one.
    return masks.subarray(3 * AREA, 4 * AREA).reduce((a, b) => Math.max(a, b));
  };
  const [raw, peaks, doubled] = [
    await largest(0, 'peaks'),
    await largest(1, 'peaks'),
    await largest(2, 'peaks'),
  ];
  assert.ok(raw < 0.9 && peaks > 0.95 && peaks <= 1, `${raw} ${peaks}`);
  assert.ok(Math.abs(doubled - peaks / 2) < 0.03, `${doubled} of ${peaks}`);
});

test('gamma is the power of the scaled relevance', async () => {
  const marks = new Map([[1, [corner(g.MARK.positive)]]]);
  const masks = async (gamma: number) => {
    const config = { ...settings, scale: 'peaks' as const, sigma: 0, gamma };
    // Without blur, and at the size of the image, a pixel is the relevance of its segment.
    const size = [data.height, data.width] as const;
    return allValues((await g.buildMasks(gpu, evaluator, data, marks, config, size)).masks);
  };
  const [plain, squared] = [await masks(1), await masks(2)];
  assert.ok(plain.some((v) => v > 0.05 && v < 0.95));
  plain.forEach((v, p) => {
    assert.ok(Math.abs(squared[p] - v * v) < 1e-6, `pixel ${p}: ${squared[p]} of ${v}`);
  });
});

test('a network without concepts, a closed form that needs them', async () => {
  const marks = new Map([
    [1, [corner(g.MARK.positive)]],
    [0, [corner(g.MARK.positive)]],
  ]);
  const alone = { ...settings, concepts: 0, relevanceNetwork: true, scale: 'peaks' as const };
  const { masks, weights, concepts } = await g.buildMasks(gpu, evaluator, data, marks, alone, size);
  assert.is(concepts, undefined);
  assert.equal([...weights], [1, 1, 0.5, 0.5, 0.5, 0.5]);
  for (let i = 0; i < IMAGES; i++) {
    const mask = masks.subarray(i * AREA, (i + 1) * AREA);
    assert.ok(meanOver(mask, true) > 0.7 && meanOver(mask, false) < 0.2, `image ${i}`);
  }
  const nothing = { ...alone, relevanceNetwork: false };
  try {
    await g.buildMasks(gpu, evaluator, data, marks, nothing, size);
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, 'neither concepts nor a relevance network');
  }
});

test('the stages alone', async () => {
  const marks = new Map([[1, [corner(g.MARK.positive)]]]);
  const segmentations = g.segmentImages(data.train, data, settings);
  const raw = await g.describeSplit(evaluator, data.train, data, segmentations);
  const h = g.standardize(raw, g.fitStandardization(raw));
  const concepts = g.fitConcepts(h, {
    ...{ dims: raw.dims, clusters: 3, random: new Random(settings.seed, 'concepts') },
  });
  const q = g.assignConcepts(concepts, h);
  const { y, w } = g.gatherEvidence(segmentations, marks, raw);
  const labelled = [...w.keys()].filter((s) => w[s] > 0);
  const sum = (of: (s: number) => number) => labelled.reduce((total, s) => total + of(s), 0);
  const mean = sum((s) => w[s] * y[s]) / sum((s) => w[s]);
  const classes = Array.from({ length: raw.rows }, (_, s) => data.train.labels[Math.floor(s / 16)]);
  const options = { clusters: 3, numClasses: 2, perClass: false, prior: mean };
  const evidence = g.conceptEvidence(q, { y, w }, classes, options);
  const { r, kappa } = g.segmentRelevance(q, evidence, classes);
  const saturated = r.map((value) => Math.min(1, value / mean));
  const built = await g.buildMasks(gpu, evaluator, data, marks, settings, size);
  for (let i = 0; i < IMAGES; i++) {
    const [from, to] = [raw.offsets[i], raw.offsets[i + 1]];
    const planes = marks.get(i);
    const options = { sigma: 0, planes, size };
    const mask = g.softMask(segmentations[i], saturated.subarray(from, to), options);
    assert.equal(built.masks.subarray(i * AREA, (i + 1) * AREA), mask);
    const confidence = g.imageWeight(kappa.subarray(from, to), planes !== undefined);
    const weight = planes ? confidence : 0.5 * confidence;
    assert.ok(Math.abs(built.weights[i] - weight) < 1e-7);
  }
  assert.equal(
    built.concepts,
    summariseConcepts(concepts, evidence, { h, q, offsets: raw.offsets }),
  );
});

const meanOver = (mask: Float32Array, inside: boolean) => {
  const at = [...corner(1).keys()].filter((p) => (corner(1)[p] === 1) === inside);
  return at.reduce((sum, p) => sum + mask[p], 0) / at.length;
};

for (const relevanceNetwork of [false, true]) {
  const how = relevanceNetwork ? 'the relevance network' : 'the closed form';
  test(`struck out on one image, it is irrelevant on all others, and the rest is not: ${how}`, async () => {
    const marks = new Map([[0, [corner(g.MARK.negative)]]]);
    assert.ok(onlyStrikeOut(marks));
    const config = { ...settings, relevanceNetwork };
    const { masks } = await g.buildMasks(gpu, evaluator, data, marks, config, size);
    for (let i = 0; i < IMAGES; i++) {
      const mask = masks.subarray(i * AREA, (i + 1) * AREA);
      const [struck, rest] = [meanOver(mask, true), meanOver(mask, false)];
      assert.ok(
        struck < 0.35 && rest > 0.65,
        `image ${i}: ${struck} struck out, ${rest} elsewhere`,
      );
    }
  });
}

test.after(async () => {
  await evaluator.dispose();
  classifier.weights.dispose();
});
test('prepared once, spread after every mark, refined and drawn: the same bytes as in one call', async () => {
  const options = {
    ...settings,
    relevanceNetwork: true,
    networkSteps: 20,
    fallback: 'none' as const,
  };
  const stages: string[] = [];
  const onProgress = (stage: string) => stages.at(-1) !== stage && stages.push(stage);
  const prepared = await g.prepareSegments(evaluator, data, options, { onProgress });
  for (const image of [1, 2]) {
    const marks = new Map([[image, [corner(g.MARK.positive)]]]);
    const spread = g.spreadMarks(prepared, marks, options);
    const refined = await g.refineMarks(gpu, prepared, spread, options, { onProgress });
    const drawn = await g.drawMasks(prepared, refined, marks, data.train.labels, options, size);
    assert.equal(drawn, await g.buildMasks(gpu, evaluator, data, marks, options, size));
    // Refining changes nothing that was spread.
    assert.equal(spread, g.spreadMarks(prepared, marks, options));
  }
  assert.equal(stages.slice(0, 4), ['segments', 'descriptors', 'concepts', 'network']);
});

test('each step ends with the reason of its signal', async () => {
  const reason = new Error('no longer wanted');
  const stopped = (work: Promise<unknown>) => work.catch((error) => error);
  const task = { signal: AbortSignal.abort(reason) };
  assert.is(await stopped(g.prepareSegments(evaluator, data, settings, task)), reason);
  const prepared = await g.prepareSegments(evaluator, data, settings);
  const marks = new Map([[1, [corner(g.MARK.positive)]]]);
  const spread = g.spreadMarks(prepared, marks, settings);
  assert.is(await stopped(g.refineMarks(gpu, prepared, spread, settings, task)), reason);
  const refined = await g.refineMarks(gpu, prepared, spread, settings);
  const drawn = g.drawMasks(prepared, refined, marks, data.train.labels, settings, size, task);
  assert.is(await stopped(drawn), reason);
});

test('without a classifier colour, position and size describe segments, and feature maps cannot', async () => {
  const none = { ...settings, features: 'none' as const };
  const { segments } = await g.prepareSegments(undefined, data, none);
  assert.is(segments.dims, 2 + 2 + 1);
  assert.equal(segments, (await g.prepareSegments(evaluator, data, none)).segments);
  const error = await g.prepareSegments(undefined, data, settings).catch((e) => e);
  assert.match((error as Error).message, 'there is no classifier, but features is stages');
});

test.run();
