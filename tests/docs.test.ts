// The prose: pages that point somewhere, sentences that can be read in one breath, and no private English.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sourcesBelow } from './support/imports.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const PAGES = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'].concat(
  ...[
    'architecture',
    'guide',
    'library',
    'method',
    'performance',
    'reliability',
    'results',
    'verification',
  ].map((name) => `docs/${name}.md`),
);

/** A page without its code, pictures, tables and addresses. */
const prose = (page: string): string =>
  page
    .replace(/```[\s\S]*?```/g, '')
    .replace(/^( {4}|\|).*$/gm, '')
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/`[^`]*`/g, 'code');

const sentences = (text: string): string[] =>
  text
    .split(/\n\s*\n|\n(?=[-*#] )|(?<=[.!?:;])["*)]*\s+(?=[A-Z*"])/)
    .map((sentence) => sentence.replace(/\s+/g, ' ').trim())
    .filter(Boolean);

test('README has at most 120 lines', () => {
  assert.ok(read('README.md').trimEnd().split('\n').length <= 120);
});

for (const page of ['README.md', 'CONTRIBUTING.md']) {
  test(`no sentence of ${page} has over 30 words`, () => {
    const long = sentences(prose(read(page))).filter((each) => each.split(' ').length > 30);
    assert.equal(long, []);
  });
}

test('links lead to files that are there', () => {
  const broken = PAGES.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
      .map(([, path]) => join(dirname(page), path))
      .filter((path) => !existsSync(join(root, path)))
      .map((path) => `${page}: ${path}`),
  );
  assert.equal(broken, []);
});

test('lines of Markdown are at most 160 columns wide, tables aside', () => {
  const wide = PAGES.flatMap((page) =>
    read(page)
      .split('\n')
      .flatMap((line, i) =>
        line.length > 160 && !line.startsWith('|') ? [`${page}:${i + 1}`] : [],
      ),
  );
  assert.equal(wide, []);
});

/** Turns of phrase over which a native reader stumbles, and what to write in their place. */
const STUMBLES: readonly (readonly [RegExp, string])[] = [
  [/\bbut for\b/i, 'except'],
  [/\bso many\b/i, 'say how many'],
  [/\bmend(ed|s)?\b/i, 'fix'],
  [/\bturned? (a)?round\b/i, 'inverted, reversed'],
  [/\blest\b/i, 'so that … not'],
  [/\bwhoever\b/i, 'name the person'],
  [
    /\b(module|image|batch|layer|seed|step|thread|combination|file|row|line|kernel|op|class|case) an? (module|image|batch|layer|seed|step|thread|combination|file|row|line|kernel|op|class|case|family|comparison|query|dispatch)\b/i,
    'per',
  ],
];

test('pages, comments and messages are in plain English', () => {
  const files = execFileSync('git', ['ls-files', '*.md', '*.ts', '*.mjs'], {
    cwd: root,
    encoding: 'utf8',
  });
  const found = files
    .trim()
    .split('\n')
    .filter((file) => file !== 'tests/docs.test.ts')
    .flatMap((file) =>
      read(file)
        .split('\n')
        .flatMap((line, i) =>
          STUMBLES.filter(([pattern]) => pattern.test(line)).map(
            ([, better]) => `${file}:${i + 1}: ${line.trim().slice(0, 100)} (${better})`,
          ),
        ),
    );
  assert.equal(found, []);
});

test('every path that CONTRIBUTING.md names is there, and no task touches more than three', () => {
  const rows = read('CONTRIBUTING.md')
    .split('\n')
    .filter((line) => /^\| to add [^|]/.test(line));
  assert.ok(rows.length >= 8, `${rows.length} tasks`);
  for (const row of rows) {
    const paths = [...row.matchAll(/`([\w./-]+\/[\w./-]*)`/g)].map(([, path]) => path);
    assert.ok(paths.length >= 1 && paths.length <= 3, row);
    for (const path of paths) assert.ok(existsSync(join(root, path)), path);
  }
});

test('sources are found', () => {
  assert.ok(sourcesBelow(root, 'gfsr').length > 50);
});

test.run();
