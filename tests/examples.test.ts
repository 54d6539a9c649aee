// The README's example: it runs, and it is the file in examples/.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const root = fileURLToPath(new URL('..', import.meta.url));
const body = (text: string) =>
  text.slice(text.indexOf('const { device'), text.indexOf('gpu.destroy()'));

test('the README shows examples/saliency-loss.ts', () => {
  const example = body(readFileSync(`${root}examples/saliency-loss.ts`, 'utf8'));
  assert.ok(example.length > 500);
  assert.is(body(readFileSync(`${root}README.md`, 'utf8')), example);
});

test('the README shows examples/my-loss.ts, ten lines long', () => {
  const example = readFileSync(`${root}examples/my-loss.ts`, 'utf8');
  const shown = example.slice(example.indexOf('import'));
  assert.ok(shown.trimEnd().split('\n').length <= 10);
  assert.ok(readFileSync(`${root}README.md`, 'utf8').includes(shown));
});

test('the example prints a loss and a gradient', () => {
  const args = ['--import', 'tsx', 'examples/saliency-loss.ts'];
  const printed = execFileSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: 'pipe',
  });
  assert.match(printed, /^0?\.?\d+\.?\d* Float32Array\(36\) \[/);
});

test.run();
