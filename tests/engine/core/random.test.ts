// Random numbers: the published Philox vectors, distributions, and independence of streams.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { philox4x32, Random } from '../../../engine/core/random.ts';

function philox(counter: number[], key: number[]): string {
  const out = new Uint32Array(4);
  const [c0, c1, c2, c3] = counter;
  philox4x32(c0, c1, c2, c3, key[0], key[1], out);
  return [...out].map((word) => word.toString(16).padStart(8, '0')).join(' ');
}

test('Philox4x32-10 gives the known answers of Random123', () => {
  const ones = 0xffffffff;
  assert.is(philox([0, 0, 0, 0], [0, 0]), '6627e8d5 e169c58d bc57ac4c 9b00dbd8');
  assert.is(philox([ones, ones, ones, ones], [ones, ones]), '408f276d 41c83b0e a20bc7c6 6d5451fd');
  assert.is(
    philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
    'd16cfe09 94fdcceb 5001e420 24126ea1',
  );
});

test('the first words of seed 0 are block 0, then block 1', () => {
  const random = new Random(0);
  const words = Array.from({ length: 8 }, () => random.uint32());
  assert.equal(words.slice(0, 4), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  const block = new Uint32Array(4);
  philox4x32(1, 0, 0, 0, 0, 0, block);
  assert.equal(words.slice(4), [...block]);
});

test('seeds and streams: same gives same, different gives different', () => {
  const first = (random: Random) => random.uint32();
  assert.is(first(new Random(7, 'a')), first(new Random(7, 'a')));
  const seen = new Set([
    first(new Random(7)),
    first(new Random(8)),
    first(new Random('7')),
    first(new Random(7, 1)),
    first(new Random(7, 'a')),
    first(new Random(7, 'b')),
    first(new Random(7 + 2 ** 32)),
    first(new Random(7).split(1)),
    first(new Random(7).split('a')),
    first(new Random(8).split('a')),
    first(new Random(7).split('a').split('b')),
    first(new Random(7).split('b').split('a')),
  ]);
  assert.is(seen.size, 12);
});

test('split does not depend on the numbers drawn before', () => {
  const drawn = new Random(3);
  for (let i = 0; i < 11; i++) drawn.normal();
  assert.is(drawn.split('x').uint32(), new Random(3).split('x').uint32());
});

test('uniform and normal have the right moments', () => {
  const random = new Random('moments');
  const n = 100_000;
  const uniform = random.fillUniform(new Float32Array(n));
  const normal = random.fillNormal(new Float32Array(n), 2, 3);
  const mean = (x: Float32Array) => x.reduce((sum, v) => sum + v, 0) / x.length;
  const variance = (x: Float32Array, m = mean(x)) =>
    x.reduce((sum, v) => sum + (v - m) ** 2, 0) / x.length;
  assert.ok(uniform.every((v) => v >= 0 && v < 1));
  assert.ok(Math.abs(mean(uniform) - 0.5) < 0.005);
  assert.ok(Math.abs(variance(uniform) - 1 / 12) < 0.002);
  assert.ok(Math.abs(mean(normal) - 2) < 0.05);
  assert.ok(Math.abs(Math.sqrt(variance(normal)) - 3) < 0.05);
  const wide = random.fillUniform(new Float32Array(1000), -2, 2);
  assert.ok(wide.some((v) => v < -1) && wide.some((v) => v > 1) && wide.every((v) => v < 2));
});

test('int is even over its range and refuses a bad range', () => {
  const random = new Random(1);
  const counts = new Array(7).fill(0);
  for (let i = 0; i < 70_000; i++) counts[random.int(7)]++;
  assert.ok(
    counts.every((count) => Math.abs(count - 10_000) < 500),
    counts.join(),
  );
  assert.throws(() => random.int(0), /Random\.int: got n = 0/);
  assert.throws(() => random.int(1.5), RangeError);
});

test('permutation holds every number once; shuffle keeps the array', () => {
  const permutation = new Random(5).permutation(1000);
  assert.equal(
    [...permutation].sort((a, b) => a - b),
    Array.from({ length: 1000 }, (_, i) => i),
  );
  assert.not.equal(
    [...permutation],
    Array.from({ length: 1000 }, (_, i) => i),
  );
  const letters = ['a', 'b', 'c'];
  assert.is(new Random(5).shuffle(letters), letters);
});

test('bad seeds are refused', () => {
  assert.throws(() => new Random(-1), /bad seed, got -1/);
  assert.throws(() => new Random(0.5), RangeError);
  assert.throws(() => new Random(0).split(Number.NaN), /bad stream/);
  assert.throws(() => new Random(null as unknown as string), TypeError);
});

test('a uniform number is below its bound in float32 too', () => {
  for (const [low, high] of [
    [100, 101],
    [-101, -100],
    [0.1, 0.7],
  ]) {
    const values = new Random(0).fillUniform(new Float32Array(1 << 18), low, high);
    assert.ok(values.every((v) => v >= Math.fround(low) && v < high));
  }
});

test.run();
