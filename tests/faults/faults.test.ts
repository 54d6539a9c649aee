// A few of the faults of `npm run faults`: each is named with its cause, and resuming gives the same bytes.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DeviceLostError, KernelError, OutOfMemoryError } from '../../engine/core/errors.ts';
import { Gpu } from '../../engine/core/gpu.ts';
import { createNodeDevice } from '../../engine/node.ts';
import { DEVICE_FAULTS, watchDevice } from './device-faults.ts';
import { DeviceRuns } from './device-runs.ts';
import { CODES, type Code } from './file-faults.ts';
import { FaultyRuns } from './file-runs.ts';
import { killedMarks } from './killed-marks.ts';

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

// These once left a lock behind, or a folder that could be neither resumed nor begun, or named no path.
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
const release = runs.calls.findLast(
  ({ name, path }) => name === 'rmSync' && path.endsWith('lock.json'),
);
// What a file that grows is written with.
const growing = ['openSync', 'ftruncateSync', 'fsyncSync', 'closeSync'].map((called) =>
  runs.calls.find(({ name, path }) => name === called && path.endsWith('.jsonl')),
);
for (const call of [unlink, sweep, flush, release, ...growing]) {
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

// One call of each kind, in the middle of those that the run makes.
const devices = await DeviceRuns.begin(join(root, 'devices'));
const KINDS = ['createBuffer', 'createComputePipelineAsync', 'submit', 'mapAsync'] as const;
for (const [i, kind] of KINDS.entries()) {
  const numbers = devices.calls.flatMap(({ name }, number) => (name === kind ? [number] : []));
  const number = numbers[Math.floor(numbers.length / 2)];
  const fault = DEVICE_FAULTS[i % DEVICE_FAULTS.length];
  test(`${kind} fails once: ${fault}`, async () => {
    const outcome = await devices.fail({ number, fault });
    assert.is.not(outcome.kind, 'wrong', outcome.message);
    assert.is(outcome.kind, fault === 'lost' ? 'survived' : 'resumed', outcome.message);
  });
}

test('no device is given', async () => {
  const { kind, message } = await devices.failToOpen('out of memory');
  assert.is(kind, 'resumed', message);
  assert.match(
    message,
    /^createNodeDevice: .* gave no device \(out of memory \(injected\)\)\. End /,
  );
});

for (const fault of DEVICE_FAULTS) {
  test(`a user of the library gets the error at the next call: ${fault}`, async () => {
    const opened = await createNodeDevice();
    const { calls } = watchDevice(opened.device, { number: 1, fault });
    const own = new Gpu(opened.device, { wait: opened.wait });
    const x = own.tensor([1, 2, 3]);
    const y = own.empty([400]); // the faulty call
    assert.equal(
      calls.map(({ name }) => name),
      ['createBuffer', 'createBuffer'],
    );
    const read = async () => {
      own.write(y, new Float32Array(400));
      await own.readAll([x, y]);
    };
    const error = await read().then(
      () => undefined,
      (thrown) => thrown,
    );
    const kinds = {
      'out of memory': OutOfMemoryError,
      validation: KernelError,
      lost: DeviceLostError,
    };
    assert.instance(error, kinds[fault]);
    own.destroy();
  });
}

for (const time of [0, 1]) {
  test(`the server is killed while marks are saved, ${time + 1}`, () =>
    killedMarks(join(root, `marks ${time}`), time));
}

test.run();
