// JSON of strangers: nesting without end and reserved keys are one clear error, and strings are not mistaken for them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseJson } from '../../../gfsr/text/json.ts';

test('what nests too deep is refused with its place', () => {
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ]) {
    const nested = (depth: number) => `${open.repeat(depth)}1${close.repeat(depth)}`;
    assert.not.throws(() => parseJson(nested(100), 'x.json'));
    for (const depth of [101, 100_000]) {
      assert.throws(
        () => parseJson(nested(depth), 'x.json'),
        /^x\.json: lists and objects nest deeper than 100 at character \d+\. Is it/,
      );
    }
  }
});

test('brackets in strings are no nesting', () => {
  const text = JSON.stringify({ a: '['.repeat(500), b: ['"['.repeat(500), '\\'] });
  assert.equal(parseJson(text, 'x'), JSON.parse(text));
});

test('a key that could reach a prototype is refused, however it is written', () => {
  for (const key of ['"__proto__"', '"\\u005f_proto__"', '"__pro\\u0074o__"']) {
    assert.throws(() => parseJson(`{"a":[{${key}:{}}]}`, 'x'), /key "__proto__" is not allowed/);
  }
  assert.equal(parseJson('{"a":"__proto__"}', 'x'), { a: '__proto__' });
});

test('what is no JSON is one short line', () => {
  const error = (text: string) => {
    try {
      return String(parseJson(text, 'x'));
    } catch (thrown) {
      return (thrown as Error).message;
    }
  };
  for (const text of ['', '{', `"${'x'.repeat(1e6)}`, `[${'1,'.repeat(1e5)}`, '\u001b[2J']) {
    assert.match(error(text), /^x: not JSON \(/);
    assert.ok(error(text).length < 200, error(text));
    assert.not.match(error(text), '\u001b');
  }
});

test.run();
