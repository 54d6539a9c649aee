// Files that a user names: only regular ones are opened, and only UTF-8 is text.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeText } from '../../../gfsr/files/decode-text.ts';
import { checkLimit, limitOf } from '../../../gfsr/files/limits.ts';
import { readBytes, readBytesSync, readText } from '../../../gfsr/files/read-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'gfsr-files-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** What reading complains of, in both ways to read. */
async function complaints(path: string): Promise<string[]> {
  const says = async (read: () => unknown) => {
    try {
      await read();
      return 'nothing';
    } catch (error) {
      assert.instance(error, RangeError);
      return (error as Error).message;
    }
  };
  return [await says(() => readBytes(path)), await says(() => readBytesSync(path))];
}

test('a pipe, a device and a folder are refused at once', async () => {
  if (process.platform === 'win32') return;
  const [pipe, zero] = [join(folder, 'pipe'), join(folder, 'zero')];
  execFileSync('mkfifo', [pipe]);
  symlinkSync('/dev/zero', zero);
  const started = performance.now();
  for (const [path, kind] of [
    [pipe, 'pipe'],
    [zero, 'device'],
    [folder, 'folder'],
  ]) {
    for (const message of await complaints(path)) {
      assert.match(message, `it is a ${kind}, expected a regular file.`);
    }
  }
  assert.ok(performance.now() - started < 1000);
});

test('a link to a regular file is read', async () => {
  const [file, link] = [join(folder, 'file'), join(folder, 'link')];
  writeFileSync(file, 'grün');
  symlinkSync(file, link);
  assert.is(await readText(link), 'grün');
  assert.is(new TextDecoder().decode(readBytesSync(link)), 'grün');
});

test('a file that is missing is named, without control characters', async () => {
  for (const message of await complaints(join(folder, 'no\u001b[2J'))) {
    assert.match(message, /cannot read ".*no\\u001b\[2J": no such file/);
  }
});

test('text of another encoding is refused with its line, a byte order mark is not', () => {
  const latin = Uint8Array.from('file,label\na.png,gro\u00df\n', (c) => c.charCodeAt(0));
  assert.throws(
    () => decodeText(latin, 'm.csv'),
    /^m\.csv: line 2 is not UTF-8.*Save text as UTF-8/,
  );
  const wide = new Uint8Array(Uint16Array.from('\ufefffile', (c) => c.charCodeAt(0)).buffer);
  assert.throws(() => decodeText(wide, 'm.csv'), /line 1 is not UTF-8/);
  assert.is(decodeText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61), 'm.csv'), 'a');
});

test('limits say what is wrong and which variable raises them', async () => {
  assert.throws(
    () => checkLimit('manifestRows', 1_000_000, 'm.csv'),
    /^m\.csv: got 1,000,000 rows of a manifest, expected at most 200,000\. .*GFSR_MAX_MANIFEST_ROWS=1000000\.$/,
  );
  process.env.GFSR_MAX_MANIFEST_ROWS = '1000000';
  try {
    assert.not.throws(() => checkLimit('manifestRows', 1_000_000, 'm.csv'));
    process.env.GFSR_MAX_MANIFEST_ROWS = 'many';
    assert.throws(() => limitOf('manifestRows'), /GFSR_MAX_MANIFEST_ROWS: got "many"/);
  } finally {
    delete process.env.GFSR_MAX_MANIFEST_ROWS;
  }
});

test.run();
