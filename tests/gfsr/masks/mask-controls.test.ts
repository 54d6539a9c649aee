// Each control changes of a mask what it says, and nothing else.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Annotations, MARK } from '../../../gfsr/annotation/marks.ts';
import { parseConfig } from '../../../gfsr/config/parse.ts';
import { assembleDataset } from '../../../gfsr/data/assemble.ts';
import type { Dataset, Split } from '../../../gfsr/data/dataset.ts';
import { allValues } from '../../../gfsr/data/values.ts';
import { rowAt } from '../../../gfsr/image/rows.ts';
import { annotatedMasks, changeMasks, realMasks } from '../../../gfsr/masks/mask-controls.ts';
import type { RelevanceMasks } from '../../../gfsr/masks/masks.ts';

const SIZE = 4;
const AREA = SIZE * SIZE;
const IMAGES = 5;

/** Image i has relevance (i + 1)/5 in its upper left quarter, half of it beside that, and weight i/10. */
const given: RelevanceMasks = {
  masks: Float32Array.from({ length: IMAGES * AREA }, (_, k) => {
    const [i, p] = [Math.floor(k / AREA), k % AREA];
    const [y, x] = [Math.floor(p / SIZE), p % SIZE];
    return y < 2 ? ((i + 1) / 5) * (x < 2 ? 1 : 0.5) : 0;
  }),
  weights: Float32Array.from({ length: IMAGES }, (_, i) => i / 10),
  ...{ height: SIZE, width: SIZE, annotated: 1, segments: 4, meanRelevance: 0.5 },
};
const maskOf = ({ masks }: RelevanceMasks, i: number) => [...rowAt(masks, i, AREA)];
const valuesOf = ({ masks }: RelevanceMasks) => [...allValues(masks)];
const sorted = (values: number[]) => values.sort((a, b) => a - b);

test('permuted: every guided image has the mask and the weight of another one, none twice', () => {
  const changed = changeMasks(given, 'permuted', 0);
  const from = Array.from(changed.weights, (w) => Math.round(10 * w));
  assert.equal(sorted([...from]), [0, 1, 2, 3, 4]);
  from.forEach((other, i) => {
    assert.is(other === i, i === 0, 'nothing is relevant on image 0, so it stays unguided');
    assert.equal(maskOf(changed, i), maskOf(given, other));
  });
  assert.equal(changeMasks(given, 'permuted', 0), changed);
  assert.is.not(valuesOf(changeMasks(given, 'permuted', 1)).join(), valuesOf(changed).join());
});

test('permuted: where all images are guided, the order is that of the seed and of their number alone', () => {
  const weights = given.weights.map((w) => w + 0.5);
  const changed = changeMasks({ ...given, weights }, 'permuted', 0);
  const from = Array.from(changed.weights, (w) => weights.indexOf(w));
  assert.equal(from, [1, 3, 0, 4, 2]);
});

test('random: the same relevances in other places', () => {
  const changed = changeMasks(given, 'random', 0);
  for (let i = 0; i < IMAGES; i++) {
    assert.equal(sorted(maskOf(changed, i)), sorted(maskOf(given, i)));
  }
  assert.is.not(valuesOf(changed).join(), valuesOf(given).join());
  assert.equal(changed.weights, given.weights);
});

test('mean: every guided image has the mean mask of the guided ones', () => {
  const changed = changeMasks(given, 'mean', 0);
  assert.equal(changed.weights, given.weights);
  // Image 0 has weight 0; the others have relevance 0.4, 0.6, 0.8 and 1.
  for (let i = 1; i < IMAGES; i++) {
    const mask = maskOf(changed, i);
    assert.ok(Math.abs(mask[0] - 0.7) < 1e-6 && Math.abs(mask[3] - 0.35) < 1e-6);
    assert.is(mask[AREA - 1], 0);
  }
  assert.ok(maskOf(changed, 0).every((m) => m === 0));
});

test('wrong: what mattered does not, and the other way round', () => {
  const changed = changeMasks(given, 'wrong', 0);
  const before = valuesOf(given);
  assert.ok(valuesOf(changed).every((m, k) => Math.abs(m - (1 - before[k])) < 1e-7));
});

test('incomplete: a part of the relevance is gone, nothing is added', () => {
  const changed = changeMasks(given, 'incomplete', 0);
  for (let i = 0; i < IMAGES; i++) {
    const [before, after] = [maskOf(given, i), maskOf(changed, i)];
    assert.ok(after.every((m, p) => m === before[p] || m === 0));
    const [whole, left] = [before, after].map((mask) => mask.reduce((a, b) => a + b));
    assert.ok(left > 0.2 * whole && left < 0.8 * whole, `${left} of ${whole}`);
  }
});

test('binarised: 0 and 1, divided at half of the largest', () => {
  const changed = changeMasks(given, 'binarised', 0);
  const expected = Array.from({ length: AREA }, (_, p) => (p < AREA / 2 ? 1 : 0));
  for (let i = 0; i < IMAGES; i++) assert.equal(maskOf(changed, i), expected);
  const empty = { ...given, masks: new Float32Array(IMAGES * AREA) };
  assert.ok(valuesOf(changeMasks(empty, 'binarised', 0)).every((m) => m === 0));
});

function dataset(masks?: Split['masks']): Dataset {
  const split = (prefix: string) => ({
    count: 2,
    images: new Uint8Array(2 * AREA),
    labels: Int32Array.of(0, 1),
    ids: [`${prefix}0`, `${prefix}1`],
  });
  const common = { name: 'two', classes: ['a', 'b'], channels: 1, height: SIZE, width: SIZE };
  return assembleDataset(
    { ...common, notes: [] },
    { train: { ...split('t'), masks }, val: split('v'), test: split('u') },
  );
}

const settings = parseConfig({ masks: { segmentation: 'grid', segments: 4, sigma: 0 } }).masks;
const plane = (mark: number) => Uint8Array.from({ length: AREA }, (_, p) => (p === 0 ? mark : 0));

test('annotated-only: the marked segment is relevant on its image, other images are not guided', () => {
  const size = [SIZE, SIZE] as const;
  const positive = annotatedMasks(
    dataset(),
    new Map([[1, [plane(MARK.positive)]]]),
    settings,
    size,
  );
  assert.equal([...positive.weights], [0, 1]);
  const quarter = Array.from({ length: AREA }, (_, p) => (p % SIZE < 2 && p < AREA / 2 ? 1 : 0));
  assert.equal(maskOf(positive, 1), quarter);
  const negative = annotatedMasks(
    dataset(),
    new Map([[1, [plane(MARK.negative)]]]),
    settings,
    size,
  );
  assert.equal(
    maskOf(negative, 1),
    quarter.map((m) => 1 - m),
  );
});

test('annotated-only: what each of two people strikes out is irrelevant, all of the rest is not', () => {
  const corners = [plane(MARK.negative), plane(MARK.negative).reverse()];
  const { masks } = annotatedMasks(dataset(), new Map([[0, corners]]), settings, [SIZE, SIZE]);
  const half = (p: number) => (p < AREA / 2 ? p % SIZE < 2 : p % SIZE >= 2);
  const expected = Array.from({ length: AREA }, (_, p) => (half(p) ? 0 : 1));
  assert.equal([...rowAt(masks, 0, AREA)], expected);
});

test('annotated-only: an image with nothing but "don\'t know" is not guided', () => {
  const only = (marks: Annotations) => annotatedMasks(dataset(), marks, settings, [SIZE, SIZE]);
  const unsure = [0, [plane(MARK.unknown)]] as const;
  const { weights, annotated } = only(new Map([unsure, [1, [plane(MARK.positive)]]]));
  assert.equal([...weights], [0, 1]);
  assert.is(annotated, 1);
  assert.throws(() => only(new Map([unsure])), /annotated-only: no mark says what is relevant/);
});

test('annotated-only: an image on which nothing is relevant is not guided, as with spread marks', () => {
  const only = (marks: Annotations) => annotatedMasks(dataset(), marks, settings, [SIZE, SIZE]);
  const nothing = [0, [new Uint8Array(AREA).fill(MARK.negative)]] as const;
  const { weights, annotated } = only(new Map([nothing, [1, [plane(MARK.positive)]]]));
  assert.equal([...weights], [0, 1]);
  assert.is(annotated, 2);
  assert.throws(() => only(new Map([nothing])), /annotated-only: nothing is relevant on all 1/);
});

test('oracle: an image whose real mask is empty is not guided', () => {
  const empty = [0, new Uint8Array(AREA)] as const;
  const full = [1, new Uint8Array(AREA).fill(1)] as const;
  const { weights, meanRelevance } = realMasks(dataset(new Map([empty, full])), [2, 2]);
  assert.equal([...weights], [0, 1]);
  assert.is(meanRelevance, 1);
  assert.throws(() => realMasks(dataset(new Map([empty])), [2, 2]), /oracle: all 1 real masks/);
});

test('oracle: the real masks at the size of the saliency, or an error where there are none', () => {
  const real = Uint8Array.from({ length: AREA }, (_, p) => (p < 2 ? 1 : 0));
  const masks = realMasks(dataset(new Map([[0, real]])), [2, 2]);
  assert.equal(valuesOf(masks), [0.5, 0, 0, 0, 0, 0, 0, 0]);
  assert.equal([...masks.weights], [1, 0]);
  assert.throws(() => realMasks(dataset(), [2, 2]), /oracle: two has no real masks/);
});

test.run();
