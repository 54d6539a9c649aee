// Data of unknown size: read whole, compared with what gzip says of it, and held in memory once.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inflateAtMost } from '../../../gfsr/files/inflate.ts';

const data = Uint8Array.from({ length: 100_000 }, (_, i) => (i * i) % 251);

test('gzip of one part, of several, and raw deflate are read whole', () => {
  const parts = [gzipSync(data.subarray(0, 40_000)), gzipSync(data.subarray(40_000))];
  for (const bytes of [gzipSync(data), Buffer.concat(parts)]) {
    assert.equal(inflateAtMost(bytes, 1e6, 'gzip', 'a.gz'), data);
  }
  // A part may end anywhere in the steps of 4096 bytes in which a stream is read.
  for (let size = 4060; size < 4100; size++) {
    const stored = gzipSync(data.subarray(0, size), { level: 0 });
    const bytes = Buffer.concat([stored, stored]);
    assert.is(inflateAtMost(bytes, 1e6, 'gzip', 'a.gz').length, 2 * size);
  }
  assert.equal(inflateAtMost(deflateRawSync(data), 1e6, 'deflate', 'a.dcm'), data);
});

test('a flipped bit of gzip is found in each part, unless it changes nothing', () => {
  const parts = [data.subarray(0, 1200), data.subarray(1200, 3000)].map((part) => gzipSync(part));
  const whole = Buffer.concat(parts);
  for (let at = 0; at < whole.length; at++) {
    const bytes = Buffer.from(whole);
    bytes[at] ^= 1 << (at % 8);
    let said = 'nothing';
    try {
      // Time and system in the header, and bits that fill the last byte before a checksum, mean nothing here.
      assert.equal(inflateAtMost(bytes, 1e6, 'gzip', 'a.gz'), data.subarray(0, 3000), `${at}`);
    } catch (error) {
      said = (error as Error).message;
    }
    assert.match(said, /^(nothing|a\.gz: .*(damaged|more than it declares).*)$/, `${at}`);
  }
});

test('a size of gzip that lies is refused, and so is a file that is cut off; zeros after it are padding', () => {
  for (const size of [0, 99_999, 100_001, 0xffffffff]) {
    const lying = gzipSync(data);
    lying.writeUInt32LE(size, lying.length - 4);
    const read = () => inflateAtMost(lying, 1e6, 'gzip', 'a.gz');
    assert.throws(read, /^a\.gz: what it unpacks to does not match its checksum/, `${size}`);
  }
  const whole = gzipSync(data);
  for (let length = 0; length < whole.length; length += length < 20 ? 1 : 7) {
    const read = () => inflateAtMost(whole.subarray(0, length), 1e6, 'gzip', 'a.gz');
    assert.throws(read, /^a\.gz: .*(damaged|truncated)/, `${length} bytes`);
  }
  for (const zeros of [1, 3]) {
    const padded = Buffer.concat([whole, Buffer.alloc(zeros)]);
    assert.equal(inflateAtMost(padded, 1e6, 'gzip', 'a.gz'), data, `${zeros}`);
  }
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
