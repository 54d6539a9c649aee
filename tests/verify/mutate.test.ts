// The list of mutations fits the sources, is wide enough, and a text that moved is reported.

import { existsSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mutate } from './mutate.ts';
import { mutations } from './mutations.ts';

test('every mutation applies to the present sources, and changes them', () => {
  for (const mutation of mutations) {
    const text = readFileSync(new URL(`../../${mutation.file}`, import.meta.url), 'utf8');
    assert.not.equal(mutate(text, mutation), text);
  }
});

test('every mutation names a test file that exists', () => {
  const tests = new Set(mutations.map((mutation) => mutation.test));
  for (const name of tests) {
    assert.ok(existsSync(new URL(`../../${name}`, import.meta.url)), name);
  }
});

test('all families of kernels and ops have some, and none is there twice', () => {
  assert.ok(mutations.length >= 100);
  assert.is(new Set(mutations.map(({ original }) => original)).size, mutations.length);
  assert.ok(new Set(mutations.map(({ file }) => file)).size >= 20);
});

test('a text that is gone, or there twice, is an error', () => {
  const mutation = { file: 'f.ts', original: 'a + b', replacement: 'a - b', test: 't' };
  assert.is(mutate('x = a + b;', mutation), 'x = a - b;');
  assert.throws(() => mutate('x = a;', mutation), /f\.ts has 0 times `a \+ b`, expected once/);
  assert.throws(() => mutate('a + b + a + b', mutation), /f\.ts has 2 times/);
});

test.run();
