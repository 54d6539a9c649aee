// Loops marked `@unroll` are written out with constants for their variables.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { unroll } from '../../kernels/unroll.ts';

const plain = (wgsl: string) => wgsl.replace(/\s+/g, ' ').trim();

test('a body is written once per value, in braces of its own', () => {
  assert.is(
    plain(unroll('a; @unroll for (var i = 0u; i < 3u; i++) { s[i] = 1f; } b;', {})),
    'a; { const i = 0u; s[i] = 1f; } { const i = 1u; s[i] = 1f; } { const i = 2u; s[i] = 1f; } b;',
  );
});

test('bounds are products of constants, nested loops and braces within a body are kept', () => {
  const wgsl = `@unroll for (var i = 0u; i < N; i++) {
    @unroll for (var j = 0u; j < N * 1u * M; j++) { if (a) { s[i * M + j]; } }
  }`;
  const body = (j: number) => `{ const j = ${j}u; if (a) { s[i * M + j]; } }`;
  assert.is(plain(unroll(wgsl, { N: 1, M: 2 })), `{ const i = 0u; ${body(0)} ${body(1)} }`);
});

test('loops without the mark stay, a loop of no turns goes', () => {
  const loop = 'for (var i = 0u; i < 3u; i++) { s[i] = 1f; }';
  assert.is(unroll(loop, {}), loop);
  assert.is(plain(unroll(`a; @unroll ${loop.replace('3u', 'NONE')} b;`, { NONE: 0 })), 'a; b;');
});

test('a bound that is no constant, and a body without an end, are errors', () => {
  assert.throws(
    () => unroll('@unroll for (var i = 0u; i < count; i++) { }', { N: 1 }),
    /unroll: count is no constant of the kernel/,
  );
  assert.throws(() => unroll('@unroll for (var i = 0u; i < 1u; i++) { {', {}), /has no end/);
});

test.run();
