// The whole benchmark on one device, in Node and in a browser alike: check everything first, then time it in turns.

import type { Gpu } from '../engine/core/gpu.ts';
import type { Operands } from '../kernels/contraction.ts';
import { type Case, sampleError } from './case.ts';
import { cases } from './cases/index.ts';
import { PUBLISHED } from './cases/published.ts';
import { measure, type Plan, type Subject, type Timings } from './measure.ts';
import { peakCases, prepareOverheads } from './peaks.ts';
import type { KernelRow, OverheadRow, Result, StepRow } from './result.ts';
import { eagerBytes, RecordedStep, type StepCase, type StepTime, stepCases } from './steps.ts';
import { Stopwatch } from './stopwatch.ts';

export interface SuiteOptions {
  /** Fewer cases, fewer and shorter rounds. */
  readonly quick?: boolean;
  /** Keep cases whose suite and name have this text in them. The peaks are always measured. */
  readonly only?: string;
  readonly plan?: Plan;
  /** Hears of the work under way. */
  readonly say?: (line: string) => void;
}

export type SuiteResult = Pick<
  Result,
  'clock' | 'peaks' | 'overheads' | 'kernels' | 'steps' | 'failures'
>;

const PLANS = {
  quick: { rounds: 7, roundMs: 50 },
  full: { rounds: 15, roundMs: 200 },
} as const satisfies Record<string, Plan>;

/** Of the largest value in a sample: float32 sums of some thousand terms stay well below. */
const TOLERANCE: Readonly<Record<Operands, number>> = { f32: 1e-5, f16: 4e-3 };
/** An op is repeated until its program takes this long, so that the cost of a submit is negligible. */
const LEAST_MS = 1;
const MAX_REPEATS = 64;

/** Something to time, and where its times are stored. */
interface Ready {
  readonly subject: Subject;
  readonly finish: (timings: Timings) => void;
  readonly dispose: () => void;
}

/** Whether `only` keeps a case: its suite or name has this text in it. */
export const isChosen = (only: string | undefined, suite: string, name: string): boolean =>
  `${suite} ${name}`.includes(only ?? '');

/** What takes seconds on a processor waits there until it is asked for. */
const isBearable = (gpu: Gpu, only: string | undefined, { suite }: Case): boolean =>
  !gpu.isSoftware || suite !== PUBLISHED || only?.startsWith(PUBLISHED) === true;

/** @throws Error where not even the peaks can be measured; a case that fails is reported in `failures` */
export async function runSuite(gpu: Gpu, options: SuiteOptions = {}): Promise<SuiteResult> {
  const { quick = false, only, say = () => {} } = options;
  const plan = options.plan ?? (quick ? PLANS.quick : PLANS.full);
  const chosen = <T extends { readonly name: string; readonly quick: boolean }>(
    all: readonly T[],
    suite: (one: T) => string,
  ) => all.filter((one) => (one.quick || !quick) && isChosen(only, suite(one), one.name));
  const stopwatch = await chooseStopwatch(gpu);
  say(`clock: ${stopwatch.clock.source} (${stopwatch.clock.reason})`);
  const result = {
    clock: stopwatch.clock,
    peaks: [] as KernelRow[],
    overheads: [] as OverheadRow[],
    kernels: [] as KernelRow[],
    steps: [] as StepRow[],
    failures: [] as Result['failures'],
  };
  const ready: Ready[] = [];
  const attempt = async (name: string, prepare: () => Promise<Ready>) => {
    try {
      ready.push(await prepare());
      say(`checked ${name}`);
    } catch (error) {
      const { message } = error as Error;
      result.failures.push({ name, message });
      say(`FAILED ${name}: ${message}`);
    }
  };
  for (const one of peakCases) {
    ready.push(await prepareKernel(gpu, one, stopwatch, (row) => result.peaks.push(row)));
  }
  for (const { name, bytes, subject, dispose } of await prepareOverheads(gpu)) {
    const finish = ({ rounds }: Timings) => {
      result.overheads.push({ name, bytes, rounds: [...rounds] });
    };
    ready.push({ subject, finish, dispose });
  }
  const bearable = cases.filter((one) => isBearable(gpu, only, one));
  for (const one of chosen(bearable, ({ suite }) => suite)) {
    await attempt(one.name, () =>
      prepareKernel(gpu, one, stopwatch, (row) => result.kernels.push(row)),
    );
  }
  for (const one of chosen(stepCases, () => 'steps')) {
    await attempt(one.name, () =>
      prepareStep(gpu, one, stopwatch, (row) => result.steps.push(row)),
    );
  }
  const timings = await measure(
    ready.map(({ subject }) => subject),
    plan,
    (done) => say(`round ${done} of ${plan.rounds}`),
  );
  ready.forEach(({ finish, dispose }, i) => {
    finish(timings[i]);
    dispose();
  });
  stopwatch.destroy();
  return result;
}

/** Decides on the clock with a program that is all arithmetic: it keeps the device busy without a gap. */
async function chooseStopwatch(gpu: Gpu): Promise<Stopwatch> {
  const program = await gpu.capture(peakCases[0].setUp(gpu).run);
  program.run();
  await gpu.sync();
  const stopwatch = await Stopwatch.choose(gpu, program);
  program.dispose();
  return stopwatch;
}

/** Records a case, checks a sample of its result, and repeats the op until a run is long enough to time. */
async function prepareKernel(
  gpu: Gpu,
  { suite, name, flops, bytes, setUp }: Case,
  stopwatch: Stopwatch,
  emit: (row: KernelRow) => void,
): Promise<Ready> {
  const work = setUp(gpu);
  const { inputs } = work; // not `work`: its float64 side holds every input on the host
  const disposeInputs = () => {
    for (const one of inputs) one.dispose();
  };
  try {
    const once = await gpu.capture(work.run);
    once.run();
    const error = sampleError(work, await once.outputs.data());
    const tolerance = TOLERANCE[gpu.operands];
    if (!(error < tolerance)) {
      once.dispose();
      throw new Error(`wrong by ${error} of the largest value, expected < ${tolerance}.`);
    }
    const { dispatches } = once;
    const ms = await stopwatch.time(once, 1);
    const most = work.once ? 1 : MAX_REPEATS;
    const repeats = Math.min(most, Math.max(1, Math.ceil(LEAST_MS / ms)));
    const program =
      repeats === 1
        ? once
        : await gpu.capture(() => {
            for (let i = 1; i < repeats; i++) {
              gpu.scope(() => {
                work.run();
              });
            }
            return work.run();
          });
    if (program !== once) once.dispose();
    return {
      subject: stopwatch.subject(program, repeats),
      finish: ({ runs, rounds }) =>
        emit({ suite, name, flops, bytes, error, dispatches, runs, repeats, rounds: [...rounds] }),
      dispose: () => {
        program.dispose();
        disposeInputs();
      },
    };
  } catch (error) {
    disposeInputs();
    throw error;
  }
}

/** A step by the wall's clock, inputs included; of that, the share of JavaScript and of the GPU. */
async function prepareStep(
  gpu: Gpu,
  { name, variant, batch }: StepCase,
  { timestamps }: Stopwatch,
  emit: (row: StepRow) => void,
): Promise<Ready> {
  const eager = await eagerBytes(gpu, { variant, batch });
  const step = await RecordedStep.record(gpu, { variant, batch });
  try {
    await step.prove();
  } catch (error) {
    step.dispose();
    throw error;
  }
  const times: StepTime[] = [];
  return {
    subject: {
      time: async (runs) => {
        const time = await step.time(runs, timestamps);
        times.push(time);
        return time.wall;
      },
    },
    finish: ({ runs, rounds }) => {
      const last = times.slice(-rounds.length); // the calibration's come first
      const gpuRounds = last.flatMap((time) => (time.gpu === undefined ? [] : [time.gpu / runs]));
      emit({
        ...{ name, variant, batch, runs },
        ...step.cost,
        eagerBytes: eager,
        rounds: [...rounds],
        scriptRounds: last.map(({ script }) => script / runs),
        ...(gpuRounds.length > 0 ? { gpuRounds } : {}),
      });
    },
    dispose: () => step.dispose(),
  };
}
