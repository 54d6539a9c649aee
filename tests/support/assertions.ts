// Assertions about asynchronous results: rejected promises, and released memory.

import * as assert from 'uvu/assert';
import type { Gpu } from '../../engine/core/gpu.ts';

/** Asserts that `body` throws, or rejects with, an error of this message or class. */
export async function rejects(
  body: () => unknown,
  expected: RegExp | (new () => Error),
): Promise<void> {
  let error: unknown;
  try {
    await body();
  } catch (caught) {
    error = caught;
  }
  assert.ok(error instanceof Error, 'expected an error');
  if (expected instanceof RegExp) assert.match(error.message, expected);
  else assert.instance(error, expected);
}

/** The message of the RangeError with which a promise is rejected; "no error" if it is not. */
export async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    assert.instance(error, RangeError);
    return (error as Error).message;
  }
  return 'no error';
}

/** Runs `body` and asserts that it leaves no memory in use. */
export async function balanced(gpu: Gpu, body: () => unknown): Promise<void> {
  const before = gpu.stats.usedBytes;
  await body();
  assert.is(gpu.stats.usedBytes, before, 'bytes in use');
}
