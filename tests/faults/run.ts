// `npm run faults`: lets every file-system call of a run fail once, in five ways, and prints what became of each.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Gpu } from '../../engine/core/gpu.ts';
import { createNodeDevice } from '../../engine/node.ts';
import { CODES } from './file-faults.ts';
import { FaultyRuns, type Outcome } from './run-faults.ts';

const root = mkdtempSync(join(tmpdir(), 'gfsr-faults-'));
const { device, wait, info } = await createNodeDevice();
const gpu = new Gpu(device, { wait });
try {
  const runs = new FaultyRuns(root, gpu, info);
  await runs.begin();
  const outcomes: Outcome[] = [];
  // `npm run faults -- 7` takes every seventh fault.
  const every = Number(process.argv[2] ?? 1);
  const faults = runs.calls.flatMap(({ number }) => CODES.map((code) => ({ number, code })));
  const taken = faults.filter((_, i) => i % every === 0);
  console.log(`${runs.calls.length} file-system calls, ${taken.length} of ${faults.length} faults`);
  for (const { number, code } of taken) {
    const outcome = await runs.fail(number, code);
    outcomes.push(outcome);
    const { call, kind, message } = outcome;
    if (kind === 'wrong')
      console.log(`WRONG ${number} ${code} ${call.name} ${call.path}: ${message}`);
  }
  for (const kind of ['resumed', 'survived', 'wrong'] as const) {
    console.log(`${kind.padEnd(10)}${outcomes.filter((each) => each.kind === kind).length}`);
  }
  process.exitCode = outcomes.some(({ kind }) => kind === 'wrong') ? 1 : 0;
} finally {
  gpu.destroy();
  rmSync(root, { recursive: true, force: true });
}
