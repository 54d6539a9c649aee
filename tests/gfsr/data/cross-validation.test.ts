// Cross-validation: every image is tested once, groups and masks stay with their images, and a fault says what to do.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assembleDataset } from '../../../gfsr/data/assemble.ts';
import { crossValidated } from '../../../gfsr/data/cross-validation.ts';
import { classCounts, type Dataset, imageAt, type Split } from '../../../gfsr/data/dataset.ts';
import { prepareDataset } from '../../../gfsr/data/prepare.ts';

const SIDE = 8;
const AREA = SIDE * SIDE;
const FOLDS = 5;

/** Images whose pixels hold their number, in groups of three, two of three in class 0; every fourth has a mask. */
function split(first: number, count: number, grouped = true): Split {
  const numbers = Array.from({ length: count }, (_, i) => first + i);
  return {
    count,
    images: Uint8Array.from({ length: count * AREA }, (_, p) => first + Math.floor(p / AREA)),
    labels: Int32Array.from(numbers, (n) => Number(Math.floor(n / 3) % 3 === 2)),
    ids: numbers.map((n) => `image ${n}`),
    ...(grouped && { groups: numbers.map((n) => `patient ${Math.floor(n / 3)}`) }),
    masks: new Map(
      numbers.flatMap((n, i) =>
        n % 4 === 0 ? [[i, new Uint8Array(AREA).fill(1, n % AREA, (n % AREA) + 1)] as const] : [],
      ),
    ),
  };
}
const whole = assembleDataset(
  { name: 'patients', classes: ['well', 'ill'], channels: 1, height: SIDE, width: SIDE },
  { train: split(0, 120), val: split(120, 30), test: split(150, 30) },
);
const splitsOf = ({ train, val, test }: Dataset) => [train, val, test];

test('seeds 0 to folds − 1 test every image once, and validate it once', () => {
  const turns = Array.from({ length: FOLDS }, (_, seed) => crossValidated(whole, FOLDS, seed));
  const all = splitsOf(whole)
    .flatMap(({ ids }) => ids)
    .sort();
  for (const name of ['test', 'val'] as const) {
    assert.equal(turns.flatMap((turn) => turn[name].ids).sort(), all, name);
  }
  for (const turn of turns) {
    assert.equal(
      splitsOf(turn)
        .flatMap(({ ids }) => ids)
        .sort(),
      all,
    );
    assert.is(turn.val.count + turn.test.count, (2 * all.length) / FOLDS);
  }
  assert.match(
    turns[4].notes.at(-1) as string,
    /in 5 parts.* With seed 4, part 5 is test and part 1 is val/,
  );
});

test('groups stay whole, classes and masks keep their shares, pixels and masks their images', () => {
  for (const turn of [0, 3, 7].map((seed) => crossValidated(whole, FOLDS, seed))) {
    const placeOf = new Map<string, Split>();
    for (const part of splitsOf(turn)) {
      for (const [i, id] of part.ids.entries()) {
        const number = Number(id.split(' ')[1]);
        const group = part.groups?.[i] as string;
        assert.is(group, `patient ${Math.floor(number / 3)}`);
        assert.is(placeOf.get(group) ?? part, part);
        placeOf.set(group, part);
        assert.ok(imageAt(part, i).every((value) => value === number));
        assert.is(part.masks?.get(i)?.indexOf(1), number % 4 === 0 ? number % AREA : undefined);
      }
    }
    for (const part of [turn.val, turn.test]) {
      assert.ok(Math.abs(classCounts(part, 2)[1] - 12) <= 3);
      assert.ok(Math.abs((part.masks?.size ?? 0) - 9) <= 3);
    }
  }
});

test('the next seeds draw other parts, the same seed the same ones', () => {
  const ids = (seed: number) => crossValidated(whole, FOLDS, seed).test.ids.join();
  assert.is(ids(2), ids(2));
  assert.is.not(ids(2), ids(2 + FOLDS));
});

test('near-copies stay together where no groups are known', () => {
  // Constant pictures correlate with nothing; image 1 gets the pattern of image 0, as do 41 and 40.
  const noisy = (each: Split): Split => {
    const images = Uint8Array.from(
      { length: each.count * AREA },
      (_, p) => (p * p * 31 + p * 17) % 251,
    );
    for (const i of [1, 41]) images.copyWithin(i * AREA, (i - 1) * AREA, i * AREA);
    return { ...each, images };
  };
  const train = noisy(split(0, 60, false));
  const dataset = { ...whole, train, val: split(120, 1, false), test: split(150, 1, false) };
  for (let seed = 0; seed < FOLDS; seed++) {
    const turn = crossValidated(dataset, FOLDS, seed);
    for (const first of [0, 40]) {
      const holds = (part: Split) => [first, first + 1].map((n) => part.ids.includes(`image ${n}`));
      for (const part of splitsOf(turn)) assert.is(...(holds(part) as [boolean, boolean]));
    }
  }
});

test('what cannot be divided is refused, with what to do instead', () => {
  assert.throws(
    () => crossValidated(whole, 2, 0),
    /data\.folds: got 2, expected 0 .* or at least 3/,
  );
  assert.throws(
    () => crossValidated(whole, FOLDS, 0.5),
    /the seed selects the part that tests, got 0\.5/,
  );
  assert.throws(() => crossValidated(whole, FOLDS, 'a'), /got a, expected a whole number/);
  assert.throws(() => crossValidated(whole, 100, 0), /expected at most 60: patients has 60 groups/);
  const conditions = { ...whole, tests: { absent: whole.test } };
  assert.throws(
    () => crossValidated(conditions, FOLDS, 0),
    /expected 0: patients has test images of its own .*absent/,
  );
});

test('as a setting: divided first, then made fewer and planted; annotations still know every image', () => {
  const options = { folds: FOLDS, seed: 1, limit: 10, shortcut: 'border' } as const;
  const prepared = prepareDataset(whole, options);
  const divided = crossValidated(whole, FOLDS, 1);
  assert.is(prepared.test.count, 10);
  for (const id of prepared.test.ids) assert.ok(divided.test.ids.includes(id));
  assert.ok(prepared.tests.misleading);
  assert.equal(prepared.origin?.indexed, whole.train.ids);
  assert.is(prepared.origin?.ids.size, 180);
  assert.is(prepareDataset(whole, { folds: 0 }).test.ids.join(), whole.test.ids.join());
});

test.run();
