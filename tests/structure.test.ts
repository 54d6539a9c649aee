// The house keeps its shape: imports run one way, no file depends on itself through others, and files stay short.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { circlesIn, importGraph, sourcesBelow } from './support/imports.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** A room may import itself and the rooms before it. Everything else stands above all of them. */
const ROOMS = [
  'kernels',
  'engine/core',
  'engine/autodiff',
  'engine/tuning',
  'engine/ops',
  'engine',
  'model',
  'gfsr/text',
  'gfsr/files',
  'gfsr/machine',
  'gfsr/config',
  'gfsr/image',
  'gfsr/data',
  'gfsr/annotation',
  'gfsr/guidance',
  'gfsr/evaluation',
  'gfsr/masks',
  'gfsr/train',
  'gfsr/store',
  'gfsr/report',
  'gfsr/job',
  'gfsr/compare',
  'gfsr/workers',
  'gfsr/queue',
  'gfsr/serve',
  'gfsr/terminal',
  'gfsr/cli',
  'gfsr',
];

/** The longest file that is still read in one go. */
const MOST_LINES = 300;

const folders = ['kernels', 'engine', 'model', 'gfsr'];
const above = ['bench', 'studio', 'web', 'examples', 'scripts', 'tests'];
const sources = folders.flatMap((folder) => sourcesBelow(root, folder));
const everything = [...sources, ...above.flatMap((folder) => sourcesBelow(root, folder))];
const graph = importGraph(root, everything);

/** The innermost room that a file is in. */
const roomOf = (file: string): string =>
  ROOMS.filter((room) => file.startsWith(`${room}/`)).reduce(
    (best, room) => (room.length > best.length ? room : best),
    '',
  );

test('every source file is in a room', () => {
  assert.equal(
    sources.filter((file) => roomOf(file) === ''),
    [],
  );
});

test('a room imports only itself and rooms before it', () => {
  const upward = sources.flatMap((file) =>
    (graph.get(file) as string[])
      .filter((other) => ROOMS.indexOf(roomOf(other)) > ROOMS.indexOf(roomOf(file)))
      .map((other) => `${file} -> ${other}`),
  );
  assert.equal(upward, []);
});

test('nothing below imports benchmark, web page, examples, scripts or tests', () => {
  const outward = sources.flatMap((file) =>
    (graph.get(file) as string[])
      .filter((other) => !folders.some((folder) => other.startsWith(`${folder}/`)))
      .map((other) => `${file} -> ${other}`),
  );
  assert.equal(outward, []);
});

test('only the command line and tests import the command line', () => {
  const users = everything.filter(
    (file) =>
      !/^(gfsr\/cli|tests)\//.test(file) &&
      (graph.get(file) as string[]).some((other) => other.startsWith('gfsr/cli/')),
  );
  assert.equal(users, []);
});

test('files of users are replaced by the atomic writer alone', () => {
  // The lock has a way of its own, and prepared pixels are a folder that is moved as a whole.
  const own = /^gfsr\/(files\/(atomic-file|folder-lock)|data\/prepared\/.*)\.ts$/;
  const writers = everything.filter(
    (file) =>
      file.startsWith('gfsr/') &&
      !own.test(file) &&
      /\b(writeFile|writeFileSync|createWriteStream|appendFileSync)\(/.test(
        readFileSync(join(root, file), 'utf8'),
      ),
  );
  assert.equal(writers, []);
});

test('there is no import circle', () => {
  assert.equal(circlesIn(graph), []);
});

test('gfsr/ has at most three files of its own', () => {
  const files = readdirSync(join(root, 'gfsr'), { withFileTypes: true }).filter((e) => e.isFile());
  assert.ok(files.length <= 3, files.map(({ name }) => name).join(', '));
});

test(`no file has over ${MOST_LINES} lines`, () => {
  const long = everything.flatMap((file) => {
    const lines = readFileSync(join(root, file), 'utf8').split('\n').length - 1;
    return lines > MOST_LINES ? [`${file}: ${lines}`] : [];
  });
  assert.equal(long, []);
});

test('every file opens with a sentence that says what it is', () => {
  const silent = everything.filter(
    (file) => !/^(#!.*\n)?\/\/ \S/.test(readFileSync(join(root, file), 'utf8')),
  );
  assert.equal(silent, []);
});

test('comments are at most 120 columns wide', () => {
  const wide = everything.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, i) =>
        line.length > 120 && /^\s*(\/\/|\/?\*)/.test(line) ? [`${file}:${i + 1}`] : [],
      ),
  );
  assert.equal(wide, []);
});

test('circles are found', () => {
  const circle = new Map([
    ['a', ['b']],
    ['b', ['c']],
    ['c', ['a', 'd']],
    ['d', []],
  ]);
  assert.equal(circlesIn(circle), [['a', 'b', 'c']]);
});

test.run();
