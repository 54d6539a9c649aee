// Numbers as a person reads them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { figure, mebibytes, percent } from '../../bench/format.ts';

test('digits that count, and no more', () => {
  const shown = [12345.6, 206.4, 30.51, 1.568, 0.1427, 0.00843, Number.NaN].map(figure);
  assert.equal(shown, ['12,346', '206', '30.5', '1.57', '0.14', '0.0084', '–']);
});

test('shares and sizes', () => {
  assert.equal([0.5, 0.123, 0.0042, Number.NaN].map(percent), ['50 %', '12 %', '0.4 %', '–']);
  assert.is(mebibytes(3 * 2 ** 19), '1.5');
});

test.run();
