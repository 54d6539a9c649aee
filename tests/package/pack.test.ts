// The packed package: what is in it, that linters of packages find nothing, and that a project can use it.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { installPackage } from '../support/package.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { exports, bin, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const entries = Object.keys(exports).map((path) => `gfsr${path.slice(1)}`);

const { tarball, files, project, write } = installPackage(['webgpu', '@types/node']);
const has = new Set(files);
const packed = (path: string) => readFileSync(join(project, 'node_modules', 'gfsr', path), 'utf8');

/** Runs a program of node_modules; returns what it printed, with its exit code first where that is not 0. */
function run(program: string, args: readonly string[], cwd = project): string {
  const file = join(root, 'node_modules', program);
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  });
  return `${status === 0 ? '' : `exit ${status}\n`}${stdout}${stderr}`;
}

const node = (args: readonly string[]) => {
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' });
  return (stdout + stderr).trim();
};

test('has the library, the command line with its comparisons, their sources, and docs', () => {
  const folders = new Set(files.map((path) => path.split('/').slice(0, -1).slice(0, 2).join('/')));
  const unexpected = [...folders].filter(
    (path) => !/^(|docs(\/\w+)?|(dist\/)?(engine|kernels|model|gfsr|studio)(\/\w+)?)$/.test(path),
  );
  assert.equal(unexpected, []);
  for (const path of [
    bin.gfsr,
    './dist/gfsr/compare/configs/decoy-mnist.json',
    './dist/studio/index.html',
    './LICENSE',
  ]) {
    assert.ok(has.has(posix.normalize(path)), path);
  }
});

test('every file that an entry point names is there', () => {
  for (const conditions of Object.values<Record<string, string>>(exports)) {
    for (const path of Object.values(conditions)) assert.ok(has.has(posix.normalize(path)), path);
  }
});

test('every source map names sources that are there', () => {
  const maps = files.filter((path) => path.endsWith('.map'));
  assert.ok(maps.length > 200, `${maps.length} maps`);
  for (const map of maps) {
    for (const source of JSON.parse(packed(map)).sources) {
      const path = posix.join(dirname(map), source);
      assert.ok(has.has(path), `${map} names ${path}`);
    }
  }
});

test('publint finds nothing', () => {
  assert.match(run('publint/src/cli.js', ['run', tarball, '--strict']), /All good!\s*$/);
});

test('are the types wrong? No', () => {
  // A program in CommonJS reaches the package by `await import`, as everything that is ESM only.
  const args = [tarball, '--profile', 'esm-only', '--no-definitely-typed', '--format', 'ascii'];
  assert.match(run('@arethetypeswrong/cli/dist/index.js', args), /^\s*gfsr v/);
});

test('every entry point is imported by plain Node', () => {
  const source = entries.map((name) => `await import('${name}');`).join('\n');
  assert.is(
    node(['--input-type=module', '--eval', `${source}\nconsole.log('imported')`]),
    'imported',
  );
});

test('the command runs from the package', () => {
  const main = join(project, 'node_modules', 'gfsr', bin.gfsr);
  assert.match(node([main, '--version']), new RegExp(`gfsr/${version}\\b`));
});

/** Compiles `import`s of the entries in a strict project; returns what the compiler says. */
function compile(folder: string, names: readonly string[], types: readonly string[]): string {
  const imports = names.map((name, i) => `import * as m${i} from '${name}';\nvoid m${i};`);
  write(`${folder}/main.ts`, imports.join('\n'));
  const compilerOptions = {
    target: 'es2023',
    lib: ['es2023', 'dom'],
    module: 'nodenext',
    strict: true,
    skipLibCheck: false,
    noEmit: true,
    types,
  };
  write(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions, include: ['main.ts'] }));
  return run('typescript/bin/tsc', ['-p', `${folder}/tsconfig.json`]);
}

test('its types compile in a strict project that checks them too', () => {
  assert.is(compile('all', entries, ['node']), '');
});

test("types for browsers need nothing of Node's", () => {
  const names = entries.filter((name) => !name.endsWith('/node'));
  assert.is(compile('browser', names, []), '');
});

test.run();
