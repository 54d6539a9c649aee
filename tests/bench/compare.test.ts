// Comparison of two results: verdicts, warnings, and what only one of them has.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compareResults, type Verdict } from '../../bench/compare.ts';
import type { Result } from '../../bench/result.ts';
import { syntheticResult } from './synthetic.ts';

/** The same result with the first kernel's times replaced. */
function withKernel(rounds: number[]): Result {
  const result = syntheticResult();
  return { ...result, kernels: [{ ...result.kernels[0], rounds }, ...result.kernels.slice(1)] };
}

const verdict = (before: number[], after: number[]): Verdict | undefined =>
  compareResults(withKernel(before), withKernel(after)).rows.find(({ name }) => name === 'conv A')
    ?.verdict;

test('says faster, slower and indistinct, and keeps silent with too few samples', () => {
  const around = (ms: number) => [0.9, 0.95, 1, 1.05, 1.1].map((part) => part * ms);
  assert.is(verdict(around(2), around(1)), 'faster');
  assert.is(verdict(around(1), around(2)), 'slower');
  assert.is(verdict(around(1), around(1.05)), 'indistinct');
  assert.is(verdict([2, 2, 2, 2], around(1)), 'too few samples');
});

test('speed is the ratio of medians, before over after', () => {
  const { rows } = compareResults(withKernel([4, 4, 4, 4, 4]), withKernel([2, 2, 2, 2, 2]));
  const row = rows.find(({ name }) => name === 'conv A');
  assert.equal([row?.before, row?.after], [4, 2]);
  assert.equal(row?.speed, { low: 2, value: 2, high: 2 });
});

test('compares everything that both have timed, and names the rest', () => {
  const whole = syntheticResult();
  const { rows } = compareResults(whole, whole);
  assert.equal(
    rows.map(({ name }) => name),
    [
      'multiply-add',
      'copy kernel',
      'submit and wait',
      'buffer copy',
      'conv A',
      'relu B',
      'plain, batch 64',
      'plain, cold cache',
    ],
  );
  assert.ok(rows.every((row) => row.verdict === 'indistinct'));
  const less = compareResults(whole, syntheticResult({ kernels: whole.kernels.slice(0, 1) }));
  assert.equal([less.onlyBefore, less.onlyAfter], [['relu B'], []]);
});

test('warns of other adapters, software, clocks and a machine that was not equally free', () => {
  const here = syntheticResult();
  assert.equal(compareResults(here, here).warnings, []);
  const about = (changes: Partial<Result>) =>
    compareResults(here, syntheticResult(changes)).warnings.join(' ');
  const { adapter, peaks } = here;
  assert.match(about({ adapter: { ...adapter, description: 'Chip Two' } }), 'the adapters differ');
  assert.match(about({ adapter: { ...adapter, isSoftware: true } }), 'a software adapter');
  assert.match(about({ clock: { source: 'timestamp', reason: '' } }), 'the clocks differ');
  const slower = peaks.map((row) => ({ ...row, rounds: row.rounds.map((ms) => 2 * ms) }));
  assert.match(about({ peaks: slower }), 'peak is 0.50 times the other');
});

test.run();
