// A few of the faults of `npm run faults`: each is named with path and cause, and resuming gives the same bytes.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpu } from '../../engine/core/gpu.ts';
import { createNodeDevice } from '../../engine/node.ts';
import { CODES } from './file-faults.ts';
import { FaultyRuns } from './run-faults.ts';

const root = mkdtempSync(join(tmpdir(), 'gfsr-faults-'));
const { device, wait, info } = await createNodeDevice();
const gpu = new Gpu(device, { wait });
test.after(() => {
  gpu.destroy();
  rmSync(root, { recursive: true, force: true });
});
const runs = new FaultyRuns(root, gpu, info);
await runs.begin();

/** Number of faults, spread over the whole run. */
const FAULTS = 8;

test('a run reads and writes through calls that can be watched', () => {
  const names = new Set(runs.calls.map(({ name }) => name));
  for (const name of ['openSync', 'writeFileSync', 'renameSync', 'fsyncSync', 'mkdirSync']) {
    assert.ok(names.has(name), name);
  }
});

for (let i = 0; i < FAULTS; i++) {
  const { number, name } = runs.calls[Math.floor((i * runs.calls.length) / FAULTS)];
  const code = CODES[i % CODES.length];
  test(`call ${number} (${name}) fails with ${code}`, async () => {
    const { kind, message } = await runs.fail(number, code);
    assert.is.not(kind, 'wrong', message);
  });
}

test.run();
