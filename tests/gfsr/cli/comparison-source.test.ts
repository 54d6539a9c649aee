// The folder that a comparison fills if none is named: compare, sweep and queue pull must agree on it.
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { usualFolder } from '../../../gfsr/cli/comparison-source.ts';

test('is named like the file, and the quick size has its own', () => {
  assert.is(usualFolder('configs/lab.json'), join('runs', 'lab'));
  assert.is(usualFolder('lab.json', { quick: true }), join('runs', 'lab-quick'));
});

test.run();
