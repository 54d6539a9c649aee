// Docstrings and what is made of them: every public name says what it is.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ops } from '../../engine/index.ts';
import { exportsOf } from '../../scripts/declarations.mjs';
import { opsPage } from '../../scripts/ops-page.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const built = mkdtempSync(join(tmpdir(), 'gfsr-declarations-'));
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const config = ['-p', 'tsconfig.build.json', '--emitDeclarationOnly', '--outDir', built];
execFileSync(process.execPath, [tsc, ...config], { cwd: root, stdio: 'inherit' });
test.after(() => rmSync(built, { recursive: true, force: true }));

/** Members of a class that have no docstring; names and codes of errors say it themselves. */
const silentMembers = (signature: string): string[] => {
  const lines = signature.split('\n');
  return lines.filter(
    (line, i) =>
      /^ {4}(?!#|\*|\/| |constructor|\}|private|readonly code|(readonly )?name)/.test(line) &&
      /[;{]$/.test(line) &&
      !lines[i - 1].trimEnd().endsWith('*/'),
  );
};

for (const entry of [
  ...['gfsr/index', 'gfsr/node'],
  ...['engine/index', 'engine/node', 'kernels/index', 'model/index'],
]) {
  test(`every name and member of ${entry} has a docstring`, () => {
    const silent = [...exportsOf(join(built, `${entry}.d.ts`))].flatMap(
      ([name, { kind, doc, signature }]) => [
        ...(doc ? [] : [name]),
        ...(kind === 'class'
          ? silentMembers(signature).map((line) => `${name}: ${line.trim()}`)
          : []),
      ],
    );
    assert.equal(silent, []);
  });
}

test('a member without a docstring is found', () => {
  const lines = ['class A {', '    /** Known. */', '    a(): void;', '    b(): void;', '}'];
  assert.equal(silentMembers(lines.join('\n')), ['    b(): void;']);
});

test('docs/ops.md is up to date', () => {
  const page = opsPage(join(built, 'engine/ops'), join(root, 'engine/ops'), ops);
  const kept = readFileSync(join(root, 'docs/ops.md'), 'utf8');
  assert.ok(page === kept, 'docs/ops.md: out of date. Run npm run docs:ops.');
});

test.run();
