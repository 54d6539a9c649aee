// A few of the faults of `npm run faults`: each is named with path and cause, and resuming gives the same bytes.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpu } from '../../engine/core/gpu.ts';
import { createNodeDevice } from '../../engine/node.ts';
import { CODES, type Code } from './file-faults.ts';
import { FaultyRuns } from './file-runs.ts';

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
const FAULTS = 4;

test('a run reads and writes through calls that can be watched', () => {
  const names = new Set(runs.calls.map(({ name }) => name));
  for (const name of ['openSync', 'writeFileSync', 'renameSync', 'fsyncSync', 'mkdirSync']) {
    assert.ok(names.has(name), name);
  }
});

for (let i = 0; i < FAULTS; i++) {
  const { number, name } = runs.calls[Math.floor((i * runs.calls.length) / FAULTS)];
  const code = CODES[i % CODES.length];
  survives(number, name, code);
}

// These once left a lock behind, or a folder that could be neither resumed nor begun.
const unlink = runs.calls.find(
  ({ name, path }) => name === 'rmSync' && /lock\.json\.new/.test(path),
);
const sweep = runs.calls.find(
  ({ name, number }) => name === 'readdirSync' && number > (unlink?.number ?? 0),
);
const flush = runs.calls.find(({ name }, i) => {
  const before = runs.calls[i - 1];
  return name === 'openSync' && before?.name === 'renameSync' && /run\.json/.test(before.path);
});
for (const call of [unlink, sweep, flush]) {
  assert.ok(call, 'the call is made');
  survives(call.number, call.name, 'EIO');
}

/** A test that the run with this fault says so, and can go on to the same bytes. */
function survives(number: number, name: string, code: Code): void {
  test(`call ${number} (${name}) fails with ${code}`, async () => {
    const { kind, message } = await runs.fail(number, code);
    assert.is.not(kind, 'wrong', message);
  });
}

test.run();
