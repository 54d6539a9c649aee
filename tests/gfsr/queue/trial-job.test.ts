// Jobs of the queue that no `gfsr queue push` wrote: refused in one short line, or read without anything else in them.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseJob } from '../../../gfsr/queue/trial-job.ts';

const key = 'ab'.repeat(8);
const good = {
  ...{ format: 'gfsr-job', version: 1, key, label: 'gfsr', seed: 0, code: 'c', gfsr: '0.1.0' },
  adapter: 'any',
  data: { source: 'decoy-mnist', sha256: key },
  origin: { kind: 'comparison', file: 'lab.json', text: '{}', changes: {} },
};
const copyOf = (copy: string) => ({ ...good, data: { ...good.data, copy } });
const long = 'x'.repeat(10_000_000);

for (const [what, data, expected] of [
  ['nothing', null, /content is null/],
  ['a list', [], /format is undefined/],
  ['a long text', long, /content is "x+… \([\d,]+ characters\)/],
  ['another kind', { ...good, format: long }, /format is "x/],
  ['an older version', { ...good, version: 0 }, /version is 0, expected 1/],
  ['a newer version', { ...good, version: 2 }, /version is 2, expected 1/],
  ['a path for its key', { ...good, key: '../../x' }, /key is "\.\.\/\.\.\/x"/],
  ['the key of another job', { ...good, key: 'cd'.repeat(8) }, /is about trial cdcd/],
  ['a seed in words', { ...good, seed: '0' }, /seed is "0", expected number/],
  ['an adapter of no kind', { ...good, adapter: 'abacus' }, /adapter is "abacus"/],
  ['a copy elsewhere', copyOf('../../etc/passwd'), /data\.copy is/],
  ['a copy above', copyOf('data/0123456789abcdef/..'), /data\.copy is/],
  ['a copy of two folders', copyOf('data/0123456789abcdef/a/b'), /data\.copy is/],
  ['a copy with an end of text', copyOf('data/0123456789abcdef/a\0b'), /data\.copy is/],
  [
    'an endless file name',
    { ...good, origin: { ...good.origin, file: long } },
    /origin\.file is .* expected at most 4,096 characters/,
  ],
] as const) {
  test(`a job with ${what} is refused`, () => {
    try {
      parseJob(data, key);
      assert.unreachable();
    } catch (error) {
      const { message } = error as Error;
      assert.instance(error, RangeError);
      assert.match(message, expected);
      assert.match(message, new RegExp(`^queue: job ${key}: `));
      assert.ok(message.length < 500, `${message.length} characters`);
    }
  });
}

test('keys that reach a prototype are left behind', () => {
  const text = JSON.stringify(good).replace('{', '{"__proto__":{"admin":true},"constructor":{},');
  const job = parseJob(JSON.parse(text), key);
  assert.equal(Object.keys(job).sort(), Object.keys(good).sort());
  assert.is(Object.getPrototypeOf(job), Object.prototype);
  assert.is((job as { admin?: boolean }).admin, undefined);
});

test.run();
