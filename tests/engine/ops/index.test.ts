// The registry as a whole: every op has cases, a reference and configurations, and is differentiated twice.
import { readdirSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defineOp, ops } from '../../../engine/index.ts';
import { createNodeDevice } from '../../../engine/node.ts';
import * as exported from '../../../engine/ops/index.ts';
import { exclusions, reachedOps } from '../../support/coverage.ts';
import { opSpecifications, samplers, specifications } from './index.ts';

/** What engine/ops exports besides functions that give tensors. */
const SHAPE_RULES = ['broadcastShape', 'stridesOf'];

const withoutCase = (names: Iterable<string>): string[] =>
  [...names].filter((name) => !opSpecifications[name]?.cases.length);

test('every op and every function has a case, and every specification an op or function', () => {
  assert.equal(withoutCase(ops.keys()), []);
  assert.equal(withoutCase(Object.keys(exported)), SHAPE_RULES);
  assert.equal(
    Object.keys(opSpecifications).filter((name) => !ops.has(name) && !(name in exported)),
    [],
  );
});

test('every file of engine/ops has a specification, and each op is specified once', () => {
  const source = new URL('../../../engine/ops/', import.meta.url);
  // broadcast.ts has the ops of `reduce` and `shape` that are each other's gradients.
  const declaring = readdirSync(source).filter(
    (name) => !/^(index|elementwise-op|strided-copy|broadcast)\.ts$/.test(name),
  );
  assert.equal(
    declaring.map((name) => name.replace(/\.ts$/, '')).sort(),
    Object.keys(specifications).sort(),
  );
  const names = Object.values(specifications).flatMap((each) => Object.keys(each.ops));
  assert.is(new Set(names).size, names.length);
  const drawn = Object.values(specifications).flatMap((each) => Object.keys(each.samplers));
  assert.is(new Set(drawn).size, drawn.length);
});

test('random configurations apply every op, and one that they leave out is found', async () => {
  const { device, destroy } = await createNodeDevice({ backend: 'null' });
  const missing = (reached: Set<string>) => [...ops.keys()].filter((name) => !reached.has(name));
  assert.equal(missing(reachedOps(device, samplers)), []);
  const { normalizeMap } = samplers;
  assert.ok(missing(reachedOps(device, { normalizeMap })).includes('saliency'));
  destroy();
});

test('every op is differentiated once and twice, or asserted to have no gradient', () => {
  assert.equal(exclusions(ops, opSpecifications), []);
});

test('an op whose cases stop at a lower order is found', () => {
  const cut = (name: string, order: 0 | 1) => ({
    ...opSpecifications,
    [name]: { cases: opSpecifications[name].cases.map((kase) => ({ ...kase, order })) },
  });
  assert.equal(exclusions(ops, cut('conv2d', 1)), ['conv2d: no case of order 2']);
  assert.equal(exclusions(ops, cut('relu', 0)), [
    'relu: no case of order 1',
    'relu: no case of order 2',
  ]);
  assert.equal(exclusions(ops, cut('sign', 0)), ['sign: no case asserts a zero gradient']);
});

test('an op without a case is found', () => {
  defineOp('opThatNobodyTested', { inputs: ['x'], shape: ([x]) => x.shape, forward: 'view' });
  assert.equal(withoutCase(ops.keys()), ['opThatNobodyTested']);
  assert.equal(exclusions(ops, opSpecifications), ['opThatNobodyTested: no case']);
});

test.run();
