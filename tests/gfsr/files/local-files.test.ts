// The files that a module reaches: every way of naming one, circles, and what is left out.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { localFiles } from '../../../gfsr/files/local-files.ts';

const root = mkdtempSync(join(tmpdir(), 'gfsr-local-'));
test.after(() => rmSync(root, { recursive: true }));
mkdirSync(join(root, 'lib'));
const write = (name: string, text: string) => writeFileSync(join(root, name), text);
write(
  'loss.ts',
  `import { a } from './a.js';
export * from "./lib";
const later = () => import(\`./later.mjs\`);
const table = readFileSync(new URL('./table.csv', import.meta.url));
import 'node:fs'; import './missing.ts';`,
);
write('a.ts', "import './loss.ts'; require('./plain');");
write('plain.cjs', '');
write('lib/index.ts', "import '../b.ts';");
write('b.ts', '');
write('later.mjs', '');
write('table.csv', "'./unseen.ts'");
write('unseen.ts', '');

const reached = (skip?: (path: string) => boolean) =>
  [...localFiles(join(root, 'loss.ts'), skip).keys()].map((file) => relative(root, file)).sort();

test('imports of every kind are followed, whatever their spelling, and circles end', () => {
  assert.equal(reached(), [
    ...['a.ts', 'b.ts', 'later.mjs', 'lib/index.ts', 'loss.ts', 'plain.cjs', 'table.csv'],
  ]);
});

test('what only skipped files reach is left out', () => {
  assert.equal(
    reached((path) => path.includes('lib')).filter((name) => /^(lib|b)/.test(name)),
    [],
  );
});

test.run();
