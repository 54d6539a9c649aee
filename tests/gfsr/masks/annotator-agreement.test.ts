// Several annotators: their files as one, their agreement by hand, and simulated people who err.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type AnnotationFile,
  mergeAnnotations,
  type Stroke,
} from '../../../gfsr/annotation/annotations.ts';
import { MARK } from '../../../gfsr/annotation/marks.ts';
import { annotationPlanes } from '../../../gfsr/annotation/planes.ts';
import { simulateAnnotations } from '../../../gfsr/annotation/simulate.ts';
import { assembleDataset } from '../../../gfsr/data/assemble.ts';
import type { Split } from '../../../gfsr/data/dataset.ts';
import { fitInto } from '../../../gfsr/image/placement.ts';
import { annotatorAgreement } from '../../../gfsr/masks/annotator-agreement.ts';
import { segmentEvidence } from '../../../gfsr/masks/evidence.ts';
import { gridSegments } from '../../../gfsr/masks/segmentation.ts';

const SIDE = 8;
const AREA = SIDE * SIDE;
const IMAGES = 40;

/** Every image's mask is its upper left quarter. */
const quarter = Uint8Array.from({ length: AREA }, (_, p) => (p % SIDE < 4 && p < 4 * SIDE ? 1 : 0));
const split = (prefix: string): Split => ({
  count: IMAGES,
  images: new Uint8Array(IMAGES * AREA),
  labels: Int32Array.from({ length: IMAGES }, (_, i) => i % 2),
  ids: Array.from({ length: IMAGES }, (_, i) => `${prefix}${i}`),
  masks: new Map(Array.from({ length: IMAGES }, (_, i) => [i, quarter])),
});
const dataset = assembleDataset(
  { name: 'quarter', classes: ['a', 'b'], channels: 1, height: SIDE, width: SIDE, notes: [] },
  { train: split('t'), val: split('v'), test: split('u') },
);
/** 0 | 1 over 2 | 3 */
const grid = gridSegments({ height: SIDE, width: SIDE, rows: 2, cols: 2 });
const segmentations = Array.from({ length: IMAGES }, () => grid);

const box = (segment: number, sign: Stroke['sign']): Stroke => {
  const [x, y] = [4 * (segment % 2), 4 * Math.floor(segment / 2)];
  return {
    kind: 'box',
    sign,
    points: [
      [x, y],
      [x + 4, y + 4],
    ],
  };
};
const file = (
  annotator: string,
  drawn: readonly (readonly [number, Stroke[]])[],
): AnnotationFile => ({
  ...{ format: 'gfsr-annotations', version: 1, dataset: 'quarter' },
  annotations: drawn.map(([image, strokes]) => ({ image, annotator, strokes })),
});

// On image 0 both agree on segments 0 (yes) and 1 (no), and contradict each other on 2; on image 1 they agree on 3.
const ann = file('ann', [
  [0, [box(0, 'positive'), box(1, 'negative'), box(2, 'positive')]],
  [1, [box(3, 'positive')]],
  [2, [box(0, 'positive')]],
]);
const ben = file('ben', [
  [0, [box(0, 'positive'), box(1, 'negative'), box(2, 'negative')]],
  [1, [box(3, 'positive'), box(0, 'unknown')]],
]);

test('files of several people become one, in which each keeps his own plane', () => {
  const merged = mergeAnnotations([ann, ben]);
  assert.is(merged.annotations.length, 5);
  const planes = annotationPlanes(merged, dataset);
  assert.equal(
    [...planes].map(([image, each]) => [image, each.length]),
    [
      [0, 2],
      [1, 2],
      [2, 1],
    ],
  );
  // Segment 2 of image 0: y = ½, and 1 − 2·¼ of the weight is left. Segment 3: both leave it, 0.2.
  const { y, w } = segmentEvidence(grid, planes.get(0) ?? []);
  assert.equal([...y], [1, 0, 0.5, 0]);
  assert.equal(
    [...w].map((each) => Math.round(100 * each) / 100),
    [1, 1, 0.5, 0.2],
  );
  assert.throws(() => mergeAnnotations([]), /got no file/);
  assert.throws(
    () => mergeAnnotations([ann, { ...ben, dataset: 'other' }]),
    /about quarter and other, expected a single data set/,
  );
});

test('agreement and κ by hand', () => {
  const { annotators, pairs, labelled, contested, contestedWeight } = annotatorAgreement(
    mergeAnnotations([ann, ben]),
    dataset,
    segmentations,
  );
  assert.equal(
    [...annotators],
    [
      ['ann', 3],
      ['ben', 2],
    ],
  );
  // Four segments, three alike. Ann says yes to 3 of 4, Ben to 2 of 4: by chance ¾·½ + ¼·½ = ½, so κ = (¾ − ½)/½.
  // Of two quarters that are relevant to one of them on image 0, one is to both; on image 1 there is one, to both.
  assert.equal(pairs, [
    {
      annotators: ['ann', 'ben'],
      images: 2,
      overlap: 0.75,
      segments: 4,
      agreement: 0.75,
      kappa: 0.5,
    },
  ]);
  // Ann's click on image 2 is nobody's but hers.
  assert.equal([labelled, contested, contestedWeight], [5, 1, 0.5]);
  const apart = mergeAnnotations([
    file('ann', [[0, [box(0, 'positive')]]]),
    file('ben', [[0, [box(3, 'positive')]]]),
  ]);
  const { labelled: marked, contested: none } = annotatorAgreement(apart, dataset, segmentations);
  assert.equal([marked, none], [2, 0]);
});

test('two who mark only what is relevant cannot differ on a segment: only their overlap says something', () => {
  const pairOf = (first: Stroke[], second: Stroke[]) => {
    const both = mergeAnnotations([file('ann', [[0, first]]), file('ben', [[0, second]])]);
    const [pair] = annotatorAgreement(both, dataset, segmentations).pairs;
    return [pair.overlap, pair.segments, pair.agreement, pair.kappa];
  };
  const [yes, no] = [box(0, 'positive'), box(0, 'negative')];
  assert.equal(pairOf([yes, box(1, 'positive')], [yes]), [0.5, 1, Number.NaN, Number.NaN]);
  assert.equal(pairOf([no], [no]), [Number.NaN, 1, Number.NaN, Number.NaN]);
  assert.equal(pairOf([yes], [no]), [0, 1, 0, 0]);
  // Where one could not say, nothing is compared.
  assert.equal(pairOf([yes], [box(0, 'unknown')]).slice(0, 2), [Number.NaN, 0]);
});

test('a segment that one person marks as both counts as decided, whatever its weight rounds to', () => {
  const area = (sign: Stroke['sign'], right: number, bottom: number): Stroke => {
    const [from] = box(0, sign).points;
    return { kind: 'box', sign, points: [from, [right, bottom]] };
  };
  // 10 relevant and 2 irrelevant pixels: y is 5/6, whose square in float32 is not that of its float64 answer.
  const mixed = [area('positive', 4, 3), area('negative', 2, 1)];
  const both = mergeAnnotations([file('ann', [[0, mixed]]), file('ben', [[0, mixed]])]);
  const { labelled, pairs } = annotatorAgreement(both, dataset, segmentations);
  assert.equal([labelled, pairs[0].segments], [1, 1]);
});

test('marks on images that were reduced go along', () => {
  const half = fitInto([2 * SIDE, 2 * SIDE], SIDE, 'resize');
  const train = { ...dataset.train, placements: dataset.train.ids.map(() => half) };
  const { points } = box(3, 'positive');
  const large: Stroke = {
    ...box(3, 'positive'),
    points: points.map(([x, y]): [number, number] => [2 * x, 2 * y]),
  };
  const [pair] = annotatorAgreement(
    mergeAnnotations([file('ann', [[0, [large]]]), file('ben', [[0, [large]]])]),
    { ...dataset, train },
    segmentations,
  ).pairs;
  assert.equal([pair.overlap, pair.images], [1, 1]);
});

test('simulated people mark the same images, err as often as they shall, and leave the first one as he was', () => {
  const alone = simulateAnnotations(dataset, { fraction: 1, seed: 3 });
  const three = simulateAnnotations(dataset, { fraction: 1, seed: 3, annotators: 3 });
  assert.equal(
    three.annotations.filter(({ annotator }) => annotator === 'simulated'),
    alone.annotations,
  );
  const planes = annotationPlanes(three, dataset);
  assert.ok([...planes.values()].every((each) => each.length === 3));
  const wrong = simulateAnnotations(dataset, { fraction: 1, seed: 3, annotators: 3, error: 0.25 });
  const signs = wrong.annotations.map(({ strokes: [stroke] }) => stroke.sign);
  const errors = signs.filter((sign) => sign === 'negative').length;
  assert.is(signs.length, 3 * IMAGES);
  assert.ok(errors > 18 && errors < 42, `${errors} of 120 are wrong, expected about 30`);
  const { contested, pairs } = annotatorAgreement(wrong, dataset, segmentations);
  assert.is(pairs.length, 3);
  // Two of three who err with ¼ each agree with a chance of ⅝.
  for (const { agreement } of pairs) assert.ok(agreement > 0.4 && agreement < 0.85, `${agreement}`);
  assert.ok(contested > 10 && contested < 35, `${contested}`);
});

test('the rim, a whole mask, and both at once', () => {
  const rim = simulateAnnotations(dataset, { count: 2, target: 'rim' });
  const [[plane]] = [...annotationPlanes(rim, dataset).values()];
  assert.is(plane.filter((mark) => mark === MARK.negative).length, AREA - 6 * 6);
  assert.ok(!plane.includes(MARK.positive));
  const whole = simulateAnnotations(dataset, { count: 1, kind: 'mask' });
  const [[marked]] = [...annotationPlanes(whole, dataset).values()];
  assert.equal(marked, quarter);
  assert.throws(
    () => simulateAnnotations(dataset, { count: 1, annotators: 0 }),
    /got 0 annotators/,
  );
});

test.run();
