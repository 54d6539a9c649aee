// The examples run and print what they are there to show, and the README shows the first of them.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(`${root}${path}`, 'utf8');

function run(name: string, ...args: string[]): string {
  const loader = ['--conditions=gfsr-source', '--import', 'tsx'];
  return execFileSync(process.execPath, [...loader, `examples/${name}.ts`, ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: 'pipe',
  });
}

/** The accuracy that an arm is printed with. */
const accuracyOf = (printed: string, arm: string): number =>
  Number(printed.match(new RegExp(`^${arm}: accuracy ([\\d.]+)`, 'm'))?.[1]);

test('train.ts loads, trains, saves, loads and explains, in 40 lines at most', () => {
  assert.ok(read('examples/train.ts').trimEnd().split('\n').length <= 40);
  const printed = run('train', 'decoy-mnist', '200');
  assert.ok(accuracyOf(printed, 'cross-entropy') > 0.3);
  assert.ok(accuracyOf(printed, 'guided') > 0.1);
  assert.match(printed, /^mnist-\d+: row \d+, column \d+$/m);
});

test('the README shows train.ts', () => {
  const source = read('examples/train.ts');
  assert.ok(read('README.md').includes(source.slice(source.indexOf('import'))));
});

test('guided.ts: sixteen strokes lead a classifier away from the patch', () => {
  const printed = run('guided');
  assert.ok(accuracyOf(printed, 'cross-entropy') < 0.7);
  assert.ok(accuracyOf(printed, 'guided') > 0.9);
  const [plain, guided] = [...printed.matchAll(/(\d+) % of saliency/g)].map(([, n]) => Number(n));
  assert.ok(guided < plain / 2, `${guided} %, before ${plain} %`);
});

test('own-architecture.ts: a classifier of the user is trained and guided', () => {
  const printed = run('own-architecture');
  assert.match(printed, /^2722 parameters$/m);
  assert.ok(accuracyOf(printed, 'cross-entropy') > 0.5);
  assert.ok(accuracyOf(printed, 'guided') > 0.9);
});

test('saliency-loss.ts prints a loss and a gradient', () => {
  assert.match(run('saliency-loss'), /^0?\.?\d+\.?\d* Float32Array\(36\) \[/);
});

test('my-loss.ts is a loss in ten lines', () => {
  const source = read('examples/my-loss.ts');
  const code = source.slice(source.indexOf('import')).trimEnd();
  assert.ok(code.split('\n').length <= 10);
});

test.run();
