// What a person, a shell or a machine does to a run: signals, closed pipes, kills, a second process, a clock set back.

import { type ChildProcess, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { Random } from '../../engine/core/random.ts';
import { complaint, gfsr, type Outcome, type RunOptions, TINY } from '../gfsr/cli/cli.ts';
import { writeTiny } from '../support/tiny-data.ts';
import { killedComparison } from './killed-comparison.ts';
import { killedMarks } from './killed-marks.ts';
import { armWeights, TINY_COUNTS } from './tiny-run.ts';

/** Something that happens to a run. */
export interface Situation {
  readonly name: string;
  /** How often `npm run faults` lets it happen. */
  readonly count: number;
  /**
   * Lets it happen, in a new folder.
   *
   * @param time number of the time, which decides what is random
   * @throws if the run does not survive, or comes to other bytes
   */
  readonly survive: (folder: string, time: number) => Promise<void>;
}

/** Bytes of the weights that every run must come to. */
let whole: readonly string[] | undefined;
/** How long an undisturbed run takes from the moment that its folder is made, in ms. */
let length = 0;

/** In what a run prints: its folder is made. */
const IS_BEGUN = /^run /m;

interface Run {
  readonly path: string;
  readonly args: readonly string[];
}

/** A run in a new folder, and, the first time, what it comes to undisturbed. */
async function newRun(folder: string): Promise<Run> {
  mkdirSync(folder, { recursive: true });
  const data = writeTiny(folder, 'tiny', { counts: TINY_COUNTS });
  const path = join(folder, 'run');
  const args = (out: string) => ['train', '--data', data, '--out', out, ...TINY];
  if (!whole) {
    const undisturbed = join(folder, 'whole');
    let begun = 0;
    const { code, stderr } = await gfsr(args(undisturbed), {
      watch: (said) => {
        if (begun === 0 && IS_BEGUN.test(said)) begun = performance.now();
      },
    });
    assert.is(code, 0, stderr);
    length = performance.now() - begun;
    whole = armWeights(undisturbed);
  }
  return { path, args: args(path) };
}

/** Continues a run to its end, or begins it where it had not begun, and compares its bytes. */
async function finish({ path, args }: Run, options?: RunOptions): Promise<Outcome> {
  const isBegun = existsSync(join(path, 'run.json'));
  const outcome = await gfsr(isBegun ? ['train', '--resume', path] : args, options);
  assert.is(outcome.code, 0, outcome.stderr);
  checkBytes(path);
  return outcome;
}

const checkBytes = (path: string): void =>
  assert.ok(
    armWeights(path).every((each, i) => each === whole?.[i]),
    'the same bytes',
  );

/** Calls `act` once, when `epochs` of them were printed. */
function atEpoch(epochs: number, act: (child: ChildProcess) => void): RunOptions {
  let done = false;
  return {
    watch: (said, child) => {
      if (done || (said.match(/ epoch \d+\//g)?.length ?? 0) < epochs) return;
      done = true;
      act(child);
    },
  };
}

/** A signal at a random epoch, several times if `again`, and the rest of the run. */
const signalled =
  (name: NodeJS.Signals, again = false): Situation['survive'] =>
  async (folder, time) => {
    const run = await newRun(folder);
    const epochs = 1 + new Random(time, name).int(10);
    const { code, signal } = await gfsr(
      run.args,
      atEpoch(epochs, (child) => {
        child.kill(name);
        if (again) setTimeout(() => child.kill(name), 700);
      }),
    );
    // The second one ends a step that takes long; where the first was enough, the code is that of Ctrl-C.
    assert.ok(code === 130 || (again && signal === name), `ended with ${signal ?? code}`);
    await finish(run);
  };

async function suspended(folder: string): Promise<void> {
  const run = await newRun(folder);
  const { code, stderr } = await gfsr(
    run.args,
    atEpoch(2, (child) => {
      child.kill('SIGSTOP');
      setTimeout(() => child.kill('SIGCONT'), 1000);
    }),
  );
  assert.is(code, 0, stderr);
  checkBytes(run.path);
}

/** As `gfsr train | head -1` does. */
async function closedOutput(folder: string): Promise<void> {
  const run = await newRun(folder);
  const { code, stderr } = await gfsr(run.args, {
    watch: (_, child) => void child.stdout?.destroy(),
  });
  assert.is(code, 0, stderr);
  checkBytes(run.path);
}

async function closedInput(folder: string): Promise<void> {
  const run = await newRun(folder);
  const { code, stderr } = await gfsr(run.args, { wrapper: ['sh', '-c', 'exec "$@" <&-', 'sh'] });
  assert.is(code, 0, stderr);
  checkBytes(run.path);
}

async function killedTraining(folder: string, time: number): Promise<void> {
  const run = await newRun(folder);
  const after = length * new Random(time, 'kill').uniform();
  let armed = false;
  const { signal, code, stderr } = await gfsr(run.args, {
    watch: (said, child) => {
      if (armed || !IS_BEGUN.test(said)) return;
      armed = true;
      setTimeout(() => child.kill('SIGKILL'), after);
    },
  });
  assert.ok(signal === 'SIGKILL' || code === 0, `ended with ${signal ?? code}: ${stderr}`);
  if (signal) await finish(run);
  else checkBytes(run.path);
}

async function twoProcesses(folder: string): Promise<void> {
  const run = await newRun(folder);
  let second: Promise<Outcome> | undefined;
  const first = await gfsr(
    run.args,
    atEpoch(1, (child) => {
      second = gfsr(['train', '--resume', run.path]);
      // The first one waits, so that the second comes while it has the folder.
      child.kill('SIGSTOP');
      void second.then(() => child.kill('SIGCONT'));
    }),
  );
  assert.is(first.code, 0, first.stderr);
  const refused = await (second as Promise<Outcome>);
  assert.is(refused.code, 1);
  assert.match(complaint(refused), /in use by process \d+/);
  checkBytes(run.path);
}

/** A day earlier from the start on, and another one after a second. */
const EARLIER = `const { now } = Date; let days = 1; Date.now = () => now() - 864e5 * days;
setTimeout(() => { days = 2; }, 1000).unref();
globalThis.Date = class extends Date { constructor(...a) { a.length ? super(...a) : super(Date.now()); } };`;

async function clockSetBack(folder: string): Promise<void> {
  const run = await newRun(folder);
  await gfsr(
    run.args,
    atEpoch(3, (child) => void child.kill('SIGTERM')),
  );
  const module = `data:text/javascript,${encodeURIComponent(EARLIER)}`;
  await finish(run, { env: { NODE_OPTIONS: `--import=${module}` } });
}

/** Whether the sentence that it was left out has been printed. */
let said = false;

/** A disk that is full at another moment each time. Mounting one needs root. */
async function fullDisk(folder: string, time: number): Promise<void> {
  const run = await newRun(folder);
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
  if (mounted.status !== 0) {
    if (!said) console.log('skipped: a full disk (only root can mount one)');
    said = true;
    return;
  }
  try {
    const path = join(disk, 'run');
    writeFileSync(join(disk, 'ballast'), new Uint8Array(2 ** 20 - 4096 * (2 + 9 * time)));
    const args = run.args.map((arg) => (arg === run.path ? path : arg));
    const outcome = await gfsr(args);
    if (outcome.code !== 0) {
      assert.is(outcome.code, 1);
      assert.match(complaint(outcome), /no space left|disk is full/i);
      assert.ok(complaint(outcome).includes(disk), `names the path: ${outcome.stderr}`);
    }
    spawnSync('mount', ['-o', 'remount,size=64m', disk]);
    if (outcome.code === 0) checkBytes(path);
    else await finish({ path, args });
  } finally {
    await sleep(10);
    spawnSync('umount', [disk]);
  }
}

export const SITUATIONS: readonly Situation[] = [
  { name: 'SIGINT once', count: 5, survive: signalled('SIGINT') },
  { name: 'SIGINT twice', count: 5, survive: signalled('SIGINT', true) },
  { name: 'SIGTERM', count: 5, survive: signalled('SIGTERM') },
  { name: 'SIGHUP', count: 5, survive: signalled('SIGHUP') },
  { name: 'closed stdout', count: 2, survive: closedOutput },
  { name: 'closed stdin', count: 1, survive: closedInput },
  { name: 'suspended and resumed', count: 2, survive: suspended },
  { name: 'train killed', count: 50, survive: killedTraining },
  { name: 'compare killed', count: 50, survive: killedComparison },
  { name: 'server killed while marks are saved', count: 50, survive: killedMarks },
  { name: 'two processes in one folder', count: 2, survive: twoProcesses },
  { name: 'clock set back', count: 2, survive: clockSetBack },
  { name: 'disk of 1 MB', count: 10, survive: fullDisk },
];
