// Text of strangers: nothing invisible and nothing endless gets out.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { listed, messageLine, quoted, visible } from '../../../gfsr/text/visible.ts';

test('controls, direction marks and odd line ends are shown as their codes', () => {
  assert.is(
    visible('a\u001b[2J\u0007\u009b\r\n\t'),
    'a\\u001b[2J\\u0007\\u009b\\u000d\\u000a\\u0009',
  );
  assert.is(visible('\u202egpj\u2066\u200f\u2028\ufeff'), '\\u202egpj\\u2066\\u200f\\u2028\\ufeff');
  assert.is(visible('\ud800x'), '\\ud800x');
  assert.is(visible('Übung 眼 👁 – “ok”'), 'Übung 眼 👁 – “ok”');
  assert.is(visible('a\nb', true), 'a\nb');
});

test('a long value shows its beginning and its length', () => {
  assert.is(quoted('x'), '"x"');
  assert.is(quoted(undefined), 'undefined');
  assert.is(quoted('x'.repeat(1000), 5), '"xxxx… (1,002 characters)');
  assert.is(listed(['a', 'b']), 'a, b');
  assert.is(listed(Array(1000).fill('y'), 2), 'y, y and 998 more');
});

test('a message is one line, and of an endless one the end stays', () => {
  assert.is(messageLine(' a \n\n  b\n'), 'a b');
  // A text of spaces without a line end once took the square of their number.
  assert.match(messageLine(`a${' '.repeat(1e6)}b`), /^a +… \(1,000,002 characters\) … +b$/);
  const long = messageLine(`begin ${'x'.repeat(5e6)} Use --out.`);
  assert.ok(long.length < 1100, `${long.length}`);
  assert.match(long, /^begin x+ … \(5,000,017 characters\) … x+ Use --out\.$/);
});

test.run();
