// Sweep files: what they mean as comparisons, and what is wrong with bad ones.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseSweep } from '../../../gfsr/compare/sweep-file.ts';
import { listTrials } from '../../../gfsr/compare/trials.ts';
import { defaultConfig } from '../../../gfsr/config/config.ts';

const file = {
  settings: { data: { source: 'decoy-mnist' }, guidance: { lambda: 1 } },
  try: { 'guidance.lambda': [1, 3], 'annotation.fraction': [0.01, 0.1] },
  seeds: [1, 2],
};
const read = (change: object = {}) =>
  parseSweep(JSON.stringify({ ...file, ...change }), 'sweep.json');

test('every candidate is a variant of a comparison that has no test images', () => {
  const { comparison, candidates, criterion, within } = read();
  assert.equal([criterion, within, candidates.size], ['accuracy', 0.005, 4]);
  assert.ok(comparison.validationOnly);
  const trials = listTrials(comparison, defaultConfig);
  assert.is(trials.length, 8);
  const tried = trials.map(({ config }) => [config.guidance.lambda, config.annotation.fraction]);
  assert.equal(tried.slice(0, 4), [
    [1, 0.01],
    [1, 0.1],
    [3, 0.01],
    [3, 0.1],
  ]);
  assert.ok(trials.every(({ condition }) => candidates.has(condition.variant)));
  const tested = listTrials({ ...comparison, validationOnly: false }, defaultConfig);
  assert.ok(
    tested.every(({ key }, i) => key !== trials[i].key),
    'its trials are no others',
  );
});

test('with cross-entropy among the losses, one candidate is not guided', () => {
  const { comparison } = read({ try: { 'guidance.loss': ['cross-entropy', 'gfsr', 'energy'] } });
  assert.equal(
    comparison.variants.map(({ guided }) => guided),
    [false, true, true],
  );
});

test('what is wrong is named with its place', () => {
  const cases: [object, RegExp][] = [
    [{ try: {} }, /sweep\.json: try is empty/],
    [{ try: { lambda: [1] } }, /sweep\.json: try: got "lambda", expected the path of a setting/],
    [
      { try: { 'guidance.lamda': [1] } },
      /sweep\.json: try: unknown setting guidance\.lamda\. Did you mean guidance\.lambda/,
    ],
    [{ try: { 'guidance.lambda': [-1] } }, /sweep\.json: try: guidance\.lambda is -1, expected/],
    [{ try: { 'guidance.lambda': [] } }, /sweep\.json: try\.guidance\.lambda/],
    [{ try: { 'data.side': [28, 64] } }, /data\.side is the same for all variants/],
    [{ try: { 'train.seed': [1, 2] } }, /train\.seed is the same for all variants/],
    [{ criterion: 'test accuracy' }, /sweep\.json: criterion/],
    [{ search: { random: 0 } }, /sweep\.json: search/],
    [{ variants: [] }, /sweep\.json: unknown key variants/],
    [{ seeds: [] }, /sweep\.json: seeds/],
  ];
  for (const [change, message] of cases) assert.throws(() => read(change), message);
});

test.run();
