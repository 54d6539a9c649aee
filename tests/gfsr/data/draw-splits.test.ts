// Splits that are drawn: shares per class, groups that stay together, the same result for the same seed.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../engine/core/random.ts';
import { drawSplits, type SplitRow } from '../../../gfsr/data/draw-splits.ts';

const draw = (rows: readonly SplitRow[], seed = 0) => drawSplits(rows, new Random(seed, 'split'));

/** Images of each class in each split. */
function counts(rows: readonly SplitRow[], splits: readonly string[]) {
  const found: Record<string, number> = {};
  for (const [i, split] of splits.entries()) {
    const key = `${split} ${rows[i].label}`;
    found[key] = (found[key] ?? 0) + 1;
  }
  return found;
}

test('without groups each class has its shares', () => {
  const rows = Array.from({ length: 100 }, (_, i) => ({ label: i < 70 ? 'a' : 'b' }));
  assert.equal(counts(rows, draw(rows)), {
    ...{ 'train a': 49, 'val a': 7, 'test a': 14 },
    ...{ 'train b': 21, 'val b': 3, 'test b': 6 },
  });
});

test('groups stay together and classes stay near their shares', () => {
  const random = new Random(1, 'groups');
  const rows = Array.from({ length: 200 }, (_, patient) =>
    Array.from({ length: 1 + random.int(6) }, () => ({
      label: patient % 4 === 0 ? 'ill' : 'well',
      group: `p${patient}`,
    })),
  ).flat();
  for (const seed of [0, 1, 2]) {
    const splits = draw(rows, seed);
    const splitOf = new Map<string, string>();
    for (const [i, { group }] of rows.entries()) {
      assert.is(splitOf.get(group) ?? splits[i], splits[i]);
      splitOf.set(group, splits[i]);
    }
    const found = counts(rows, splits);
    for (const label of ['ill', 'well']) {
      const all = rows.filter((row) => row.label === label).length;
      for (const [split, share] of [
        ['train', 0.7],
        ['val', 0.1],
        ['test', 0.2],
      ] as const) {
        assert.ok(Math.abs(found[`${split} ${label}`] / all - share) < 0.03, `${split} ${label}`);
      }
    }
    assert.equal(draw(rows, seed), splits);
  }
});

test('three groups fill three splits, whatever their sizes', () => {
  for (const sizes of [
    [1, 1, 1],
    [50, 1, 1],
    [20, 20, 20],
    [100, 3, 2, 1],
  ]) {
    const rows = sizes.flatMap((size, g) =>
      Array.from({ length: size }, (_, i) => ({ label: String(i % 2), group: `g${g}` })),
    );
    assert.is(new Set(draw(rows)).size, 3, sizes.join());
    if (sizes[0] > sizes[1]) assert.is(draw(rows)[0], 'train', sizes.join());
  }
});

test('other shares: a fifth is held out, and nothing is tested', () => {
  const shares = { train: 0.8, val: 0.2 };
  for (const group of [undefined, (i: number) => `g${i >> 1}`]) {
    const rows = Array.from({ length: 100 }, (_, i) => ({
      label: i < 60 ? 'a' : 'b',
      ...(group && { group: group(i) }),
    }));
    const splits = drawSplits(rows, new Random(0, 'split'), shares);
    assert.equal(counts(rows, splits), { 'train a': 48, 'val a': 12, 'train b': 32, 'val b': 8 });
  }
  assert.equal(drawSplits([{ label: 'a' }, { label: 'a' }], new Random(0), shares).sort(), [
    'train',
    'val',
  ]);
});

test('parts of a cross-validation are equal, also where no class divides evenly', () => {
  const shares = Object.fromEntries(['0', '1', '2', '3', '4'].map((part) => [part, 1 / 5]));
  for (const [classes, each, most, least] of [
    [20, 4, 16, 16],
    [100, 6, 120, 120],
    [10, 7, 14, 14],
  ]) {
    const rows = Array.from({ length: classes * each }, (_, i) => ({
      ...{ label: `${i % classes}`, group: `g${i}` },
    }));
    const parts = drawSplits(rows, new Random(0, 'parts'), shares);
    const sizes = Object.keys(shares).map((part) => parts.filter((own) => own === part).length);
    assert.equal([Math.max(...sizes), Math.min(...sizes)], [most, least]);
  }
  const few = Array.from({ length: 8 }, () => ({ label: 'a' }));
  assert.is(new Set(drawSplits(few, new Random(0, 'parts'), shares)).size, 5);
});

test.run();
