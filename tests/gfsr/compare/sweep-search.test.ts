// Candidates of a sweep: every combination once, random ones within their bounds, the same for the same seed.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  candidatesOf as candidates,
  labelOf,
  type Search,
  type Space,
  settingsOf,
} from '../../../gfsr/compare/sweep-search.ts';

const candidatesOf = (space: Space, search: Search) => candidates(space, search, 'a.json');

test('a grid has every combination, in order', () => {
  const grid = candidatesOf({ 'guidance.lambda': [1, 3], 'train.lr': [0.1, 0.2, 0.3] }, 'grid');
  assert.is(grid.length, 6);
  assert.equal(grid[1], { 'guidance.lambda': 1, 'train.lr': 0.2 });
  assert.is(labelOf(grid[5]), 'guidance.lambda 3 · train.lr 0.3');
  assert.equal(settingsOf({ 'model.widths': [2, 4], 'model.norm': 'batch', 'train.lr': 1 }), {
    model: { widths: [2, 4], norm: 'batch' },
    train: { lr: 1 },
  });
  assert.throws(
    () => candidatesOf({ 'train.lr': { from: 1, to: 2, log: false } }, 'grid'),
    /^a\.json: try: train\.lr is a range, expected a list of values for a grid/,
  );
});

test('more candidates than anybody trains are refused before any is made', () => {
  const ten = Array.from({ length: 10 }, (_, i) => i + 1);
  const space = Object.fromEntries(ten.map((i) => [`train.s${i}`, ten]));
  assert.throws(() => candidatesOf(space, 'grid'), /^a\.json: got 10,000,000,000 candidates/);
  const search = { random: 1e9, seed: 0 };
  assert.throws(
    () => candidatesOf(space, search),
    /got 1,000,000,000 candidates, expected at most/,
  );
});

test('cross-entropy is tried once, not once per setting of guidance', () => {
  const labels = candidatesOf(
    {
      'guidance.loss': ['cross-entropy', 'gfsr'],
      'guidance.lambda': [1, 3],
      'train.lr': [0.1, 0.2],
    },
    'grid',
  ).map(labelOf);
  assert.is(labels.length, 2 + 4);
  assert.ok(labels.includes('guidance.loss cross-entropy · train.lr 0.2'));
});

test('a random search draws different candidates within their bounds', () => {
  const space = {
    'train.lr': { from: 1e-4, to: 1e-1, log: true },
    'train.epochs': { from: 2, to: 9, log: false },
    'model.norm': ['none', 'batch'],
  };
  const drawn = candidatesOf(space, { random: 200, seed: 1 });
  assert.is(drawn.length, 200);
  assert.is(new Set(drawn.map(labelOf)).size, 200);
  const rates = drawn.map((each) => each['train.lr'] as number);
  assert.ok(rates.every((lr) => lr >= 1e-4 && lr <= 1e-1));
  const small = rates.filter((lr) => lr < 10 ** -2.5).length;
  assert.ok(small > 70 && small < 130, `${small} of 200 below the middle of the logarithm`);
  assert.ok(drawn.every((each) => Number.isInteger(each['train.epochs'])));
  assert.equal(candidatesOf(space, { random: 200, seed: 1 }), drawn);
  assert.not.equal(candidatesOf(space, { random: 200, seed: 2 }), drawn);
  assert.equal(candidatesOf(space, { random: 3, seed: 1 }), drawn.slice(0, 3));
});

test('a random search over few values ends with all of them', () => {
  assert.is(candidatesOf({ 'guidance.lambda': [1, 3] }, { random: 5, seed: 0 }).length, 2);
});

test.run();
