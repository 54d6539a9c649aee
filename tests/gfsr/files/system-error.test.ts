// A path that the system refuses is named with the reason in plain words, wherever it is opened or written.
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { writeAtomically } from '../../../gfsr/files/atomic-file.ts';
import { filesBelow } from '../../../gfsr/files/folder-files.ts';
import { lockFolder } from '../../../gfsr/files/folder-lock.ts';
import { makeFolder } from '../../../gfsr/files/make-folder.ts';
import { readBytes, readBytesSync, readIfThere } from '../../../gfsr/files/read-file.ts';
import { FileError, plainMessage } from '../../../gfsr/files/system-error.ts';
import { writeTiny } from '../../support/tiny-data.ts';
import { complaint, gfsr, tempFolder } from '../cli/cli.ts';

const folder = tempFolder();
const file = join(folder, 'file.json');
writeFileSync(file, '{}');
symlinkSync('circle', join(folder, 'circle'));
mkdirSync(join(folder, 'inside'));

const wrong: readonly (readonly [string, string])[] = [
  [join(folder, 'n'.repeat(300)), 'a name in it is too long for the file system'],
  [join(folder, 'circle', 'x'), 'its links lead in a circle'],
  [join(file, 'x'), 'it, or a part of it, is a file, expected a folder'],
];

/** What `work` says, which is of the kind that users are told to expect. */
async function said(kind: ErrorConstructor | typeof FileError, work: () => unknown) {
  try {
    await work();
  } catch (error) {
    assert.instance(error, kind);
    return (error as Error).message;
  }
  throw new Error('went on');
}

for (const [path, reason] of wrong) {
  test(`reading and writing where ${reason}`, async () => {
    assert.match(await said(RangeError, () => readBytes(path)), `: ${reason}.`);
    assert.match(await said(RangeError, () => readBytesSync(path)), `: ${reason}.`);
    assert.match(await said(FileError, () => makeFolder(path)), `: ${reason}.`);
    assert.match(await said(FileError, () => filesBelow(path)), `: ${reason}.`);
    assert.match(await said(FileError, () => lockFolder(path)), /^cannot write ".*(lock\.json|…)/);
    const message = await said(FileError, () => writeAtomically(path, 'x'));
    assert.match(message, new RegExp(`^cannot write "${folder}.*: ${reason}\\.$`));
  });
}

test('a folder in the place of a file is said, and nothing is left beside it', async () => {
  const path = join(folder, 'inside');
  assert.match(await said(FileError, () => writeAtomically(path, 'x')), /it is a folder/);
  assert.match(await said(RangeError, () => readIfThere(path)), /it is a folder/);
  assert.is(readIfThere(join(folder, 'none')), undefined);
  assert.equal(readdirSync(folder).sort(), ['circle', 'file.json', 'inside']);
});

test('what is left of raw errors of the system is translated when it is printed', async () => {
  const raw = Object.assign(new Error("ELOOP: too many symbolic links, stat '/x'"), {
    ...{ code: 'ELOOP', syscall: 'stat', path: '/x' },
  });
  assert.is(plainMessage(raw), 'cannot read "/x": its links lead in a circle.');
  assert.is(plainMessage(new RangeError('config: no')), 'config: no');
});

test('commands say it in one line', async () => {
  const data = writeTiny(folder);
  const long = join(folder, 'n'.repeat(300));
  for (const args of [
    ['annotations', 'convert', file, `${long}.json`],
    ['annotations', 'convert', `${long}.json`, join(folder, 'out.xml')],
    ['data', data, '--png', `${long}.png`],
    ['train', '--config', `${long}.json`, '--out', join(folder, 'run')],
    ['train', '--resume', long],
    ['compare', '--config', `${long}.json`],
  ]) {
    const outcome = await gfsr(args);
    assert.is(outcome.code, 1, args.join(' '));
    assert.not.match(complaint(outcome), /ENAMETOOLONG|, open|, mkdir|, scandir|, lstat/);
  }
});

test.run();
