// Data of unknown size: read whole whatever its file says of its size, and held in memory once.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inflateAtMost } from '../../../gfsr/files/inflate.ts';

const data = Uint8Array.from({ length: 100_000 }, (_, i) => (i * i) % 251);

test('gzip of one part, of several, with a size that lies, and raw deflate are read whole', () => {
  const parts = [gzipSync(data.subarray(0, 40_000)), gzipSync(data.subarray(40_000))];
  for (const bytes of [gzipSync(data), Buffer.concat(parts)]) {
    assert.equal(inflateAtMost(bytes, 1e6, 'gzip', 'a.gz'), data);
  }
  for (const size of [0, 99_999, 100_001, 0xffffffff]) {
    const lying = gzipSync(data);
    lying.writeUInt32LE(size, lying.length - 4);
    assert.equal(inflateAtMost(lying, 1e6, 'gzip', 'a.gz'), data, `says ${size}`);
  }
  assert.equal(inflateAtMost(deflateRawSync(data), 1e6, 'deflate', 'a.dcm'), data);
});

test('what unpacks to more than is allowed is refused, whatever it declares', () => {
  for (const size of [100_000, 10]) {
    const bytes = gzipSync(data);
    bytes.writeUInt32LE(size, bytes.length - 4);
    const read = () => inflateAtMost(bytes, 50_000, 'gzip', 'a.gz');
    assert.throws(read, /^a\.gz: unpacked: got [\d,]+ bytes of data, expected at most 50,000/);
  }
});

test('unpacked data is held once', () => {
  const source = fileURLToPath(new URL('../../../gfsr/files/inflate.ts', import.meta.url));
  const script = `
    import { gzipSync } from 'node:zlib';
    import { inflateAtMost } from ${JSON.stringify(source)};
    const bytes = gzipSync(new Uint8Array(2 ** 28));
    inflateAtMost(bytes.subarray(0, bytes.length), 2 ** 29, 'gzip', 'a.gz');
    const kept = process.resourceUsage().maxRSS;
    console.log(kept);`;
  const args = ['--import', 'tsx', '--input-type=module', '-e', script];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const most = (2 ** 28 * 1.75) / 1024;
  assert.ok(Number(stdout) < most, `${stdout} KiB, expected less than ${most}; ${stderr}`);
});

test.run();
