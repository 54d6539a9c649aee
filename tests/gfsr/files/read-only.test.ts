// Folders in which nobody may write are named before any work begins, with the reason and what to do.

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpu } from '../../../engine/core/gpu.ts';
import { createNodeDevice } from '../../../engine/node.ts';
import { encodePng } from '../../../gfsr/image/png-encode.ts';
import { prepareJob } from '../../../gfsr/job/job.ts';
import { runJob } from '../../../gfsr/job/run-job.ts';
import { tinyRun } from '../../faults/tiny-run.ts';

const NOBODY = 65_534;
const home = mkdtempSync(join(tmpdir(), 'gfsr-read-only-'));
test.after(() => rmSync(home, { recursive: true }));
const folder = join(home, 'folder');
const photos = join(home, 'photos');
for (let i = 0; i < 24; i++) {
  const own = join(photos, i % 2 ? 'odd' : 'even');
  mkdirSync(own, { recursive: true });
  const data = Uint8Array.from({ length: 64 }, (_, p) => (p * (i + 3) + i * 31) % 256);
  writeFileSync(join(own, `${i}.png`), encodePng({ width: 8, height: 8, channels: 1, data }));
}
mkdirSync(folder);
chmodSync(folder, 0o555);
chmodSync(home, 0o755);

// A finished run whose folder may not be written into, a comparison and a sweep.
const run = join(home, 'run');
const settings = tinyRun(home);
const { device, wait, info } = await createNodeDevice();
const gpu = new Gpu(device, { wait });
const job = await prepareJob(settings, run);
await runJob(gpu, job, job.open(info));
gpu.destroy();
chmodSync(run, 0o555);
const marks = join(run, 'annotations.json');
const [lab, tries] = ['lab.json', 'tries.json'].map((name) => join(home, name));
writeFileSync(lab, JSON.stringify({ settings, variants: ['cross-entropy'], seeds: [0] }));
writeFileSync(tries, JSON.stringify({ settings, try: { 'train.lr': [0.01, 0.1] }, seeds: [0] }));
const data = String(settings.data?.source);

/** Command lines that write into a folder in which nobody may write. */
const COMMANDS = [
  ['export', '--run', run, '--out', folder],
  ['export', '--run', run, '--format', 'tensorboard', '--out', join(folder, 'below')],
  ['explain', '--run', run, '--index', '0', '--out', folder],
  ['predict', '--run', run, '--out', folder],
  ['data', data, '--png', join(folder, 'sheet.png')],
  ['annotations', marks, '--data', data, '--out', join(folder, 'both.json')],
  ['train', '--resume', run],
  ['train', '--data', data, '--concepts', '4', '--out', folder],
  ['compare', '--config', lab, '--out', folder],
  ['sweep', tries, '--out', folder],
];

const of = (path: string) => JSON.stringify(new URL(`../../../gfsr/${path}`, import.meta.url).href);
const command = (name: string) => `await import(${of(`cli/commands/${name}.ts`)})`;
const script = `
  import { makeWritableFolder } from ${of('files/make-folder.ts')};
  import { MarkFile } from ${of('serve/mark-file.ts')};
  import { openFolderStore } from ${of('store/folder-store.ts')};
  import { loadDataset } from ${of('data/load.ts')};
  import { runProgram } from ${of('terminal/program.ts')};
  const modules = [${['annotations', 'compare', 'data', 'explain', 'export', 'predict', 'sweep', 'train'].map(command)}];
  const commands = modules.flatMap((module) => Object.values(module));
  const [folder, photos, lines] = process.argv.slice(-3);
  const dataset = await loadDataset(photos);
  for (const task of [
    () => makeWritableFolder(folder),
    () => MarkFile.open(folder + '/marks.json', dataset, 'ann'),
    () => MarkFile.open(folder + '/below/marks.json', dataset, 'ann'),
    () => loadDataset(photos, { cache: 'always' }),
    () => openFolderStore(folder),
    ...JSON.parse(lines).map((args) => () => runProgram({ name: 'gfsr', commands }, args)),
  ]) {
    try {
      await task();
      console.log('> done');
    } catch (error) {
      console.log('>', error.name, error.message);
    }
  }
  process.exit();`;

/** Modes do not hold for root, so it takes the place of nobody. */
function runUnprivileged() {
  const args = ['--import', 'tsx', '--input-type=module', '-e', script];
  const isRoot = process.getuid?.() === 0;
  return spawnSync(process.execPath, [...args, folder, photos, JSON.stringify(COMMANDS)], {
    encoding: 'utf8',
    cwd: new URL('../../..', import.meta.url),
    env: { ...process.env, GFSR_CACHE: folder, HOME: folder },
    ...(isRoot && { uid: NOBODY, gid: NOBODY }),
  });
}

test('folders that cannot be written into are refused before any work', () => {
  const { stdout, stderr, error } = runUnprivileged();
  if (error || /EACCES.*scandir|Cannot find (module|package)/.test(stderr)) {
    console.log('skipped: nobody may read this checkout');
    return;
  }
  const said = stdout.split('\n').filter((line) => line.startsWith('> '));
  const [writable, marks, below, cached, store, ...commands] = said.map((line) => line.slice(2));
  const denied = (verb: string, end = '') =>
    new RegExp(`^FileError cannot ${verb} ".*/folder${end}": permission denied\\.$`);
  assert.match(writable ?? stderr, denied('write into'));
  assert.match(marks, denied('write into'));
  assert.match(below, denied('make the folder', '/below'));
  assert.match(
    cached,
    /^RangeError photos: its images cannot be prepared in ".*\/folder": permission denied\. Set GFSR_CACHE to a folder in which you may write/,
  );
  assert.match(store, denied('write', '/lock.json'));
  assert.is(commands.length, COMMANDS.length, stderr);
  for (const [i, line] of commands.entries()) {
    assert.match(
      line,
      /^FileError cannot (write into|write|make the folder) ".*\/(folder|run)(\/below|\/lock.json)?": permission denied\.$/,
      COMMANDS[i].join(' '),
    );
  }
  assert.not.match(stdout, / epoch +\d+\//, 'nothing was trained');
});

test.run();
