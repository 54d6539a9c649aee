// What a training says of its batches before it begins.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sayLeftOut } from '../../../gfsr/cli/comparison-progress.ts';
import type { Dataset } from '../../../gfsr/data/dataset.ts';
import type { Output } from '../../../gfsr/terminal/output.ts';

/** What is said of `count` training images in batches of `size`. */
function said(count: number, size: number): string[] {
  const lines: string[] = [];
  const out = { say: (line: string) => lines.push(line) } as unknown as Output;
  sayLeftOut(out, size, { train: { count } } as Dataset);
  return lines;
}

test('images that an epoch leaves out are counted', () => {
  const [line, ...more] = said(105, 64);
  assert.match(line, /^batches +each epoch trains on 64 of 105 images, others each time/);
  assert.equal(more, []);
});

test('nothing is said where every image has its turn, or all but one in a hundred', () => {
  assert.equal(said(128, 64), []);
  assert.equal(said(1001, 100), []);
});

test.run();
