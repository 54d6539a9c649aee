// The hash of a loss follows everything that it imports, and not our own sources.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bundleLoss } from '../../../gfsr/guidance/loss-bundle.ts';
import { codeVersion } from '../../../gfsr/machine/code-version.ts';

const root = mkdtempSync(join(tmpdir(), 'gfsr-bundle-'));
test.after(() => rmSync(root, { recursive: true }));
const loss = join(root, 'losses', 'mine.ts');
mkdirSync(join(root, 'losses'));
writeFileSync(loss, "import '../shared.ts';");
writeFileSync(join(root, 'shared.ts'), 'export const factor = 1;');

test('names are below the folder that holds all files, and the hash follows each', () => {
  const { files, hash } = bundleLoss(loss);
  assert.equal([...files.keys()], ['losses/mine.ts', 'shared.ts']);
  assert.is(bundleLoss(loss).hash, hash);
  writeFileSync(join(root, 'shared.ts'), 'export const factor = 2;');
  assert.is.not(bundleLoss(loss).hash, hash);
});

test('our own sources are no part of it', () => {
  const example = new URL('../../../examples/my-loss.ts', import.meta.url).pathname;
  assert.equal([...bundleLoss(example).files.keys()], ['my-loss.ts']);
});

test('the version of the code follows the sources that a module reaches', () => {
  const module = new URL(`file://${join(root, 'losses', 'mine.ts')}`).href;
  const before = codeVersion(module);
  assert.match(before, /^[0-9a-f]{16}$/);
  writeFileSync(join(root, 'shared.ts'), 'export const factor = 3;');
  assert.is.not(codeVersion(module), before);
});

test.run();
