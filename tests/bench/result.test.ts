// Result files: what is written reads back the same, and what is none is refused in one line.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseResult } from '../../bench/result.ts';
import { syntheticResult } from './synthetic.ts';

test('reads back what was written', () => {
  for (const result of [syntheticResult(), syntheticResult({ only: 'conv', firstSteps: [] })]) {
    assert.equal(parseResult(JSON.stringify(result), 'a.json'), result);
  }
});

test('refuses what is no result, another version, and a damaged one', () => {
  const refused = (value: unknown, message: RegExp) =>
    assert.throws(() => parseResult(JSON.stringify(value), 'a.json'), message);
  const result = syntheticResult();
  assert.throws(() => parseResult('{', 'a.json'), /^a\.json: not JSON/);
  refused(null, /format is undefined, expected gfsr-bench/);
  refused({ ...result, format: 'gfsr-run' }, /format is gfsr-run, expected gfsr-bench/);
  refused({ ...result, schemaVersion: 99 }, /^a\.json: schemaVersion is 99, expected 1\./);
  const [kernel] = result.kernels;
  refused({ ...result, kernels: [{ ...kernel, rounds: [] }] }, /kernels\.0\.rounds/);
  refused({ ...result, kernels: [{ ...kernel, rounds: [null] }] }, /kernels\.0\.rounds\.0/);
  refused({ ...result, peaks: undefined }, /a\.json: peaks/);
});

test.run();
