// The flag `--workers`: trials in this process or in several, and how their progress is shown.

import type { AdapterReport } from '../../engine/core/adapter.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import { type Comparison, runnerHere } from '../compare/comparison.ts';
import type { TrialHooks, TrialProgress, TrialRunner } from '../compare/run-trials.ts';
import type { Output } from '../terminal/output.ts';
import { clock } from '../text/lines.ts';
import { messageLine, quoted } from '../text/visible.ts';
import { listGpus } from '../workers/gpus.ts';
import { onWorkers, type PoolHooks } from '../workers/pool.ts';
import { outcomeOf, trialProgress } from './comparison-progress.ts';

/** More processes than this are a slip of the keyboard. */
const MOST = 256;
/** Characters of one worker's bar. */
const BAR = 8;

export const workers = {
  kind: 'text',
  value: 'N|auto',
  help: 'run trials in N processes, each on its own GPU where there are several; auto: one per GPU',
  usual: 'in this process',
} as const;

/** @throws RangeError unless it is a number of processes, or auto */
function countOf(text: string, gpus: readonly string[]): number {
  if (text === 'auto') return Math.max(1, gpus.length);
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= MOST) return count;
  throw new RangeError(
    `--workers: got ${quoted(text)}, expected auto or a number from 1 to ${MOST}.`,
  );
}

/** Who runs the trials of a comparison, and the hooks that show it. */
export interface Running {
  readonly run: TrialRunner;
  readonly hooks: TrialHooks;
}

/** Runs trials in this process, or in as many as the flag `--workers` says. */
export function runningWith(
  text: string | undefined,
  out: Output,
  comparison: Comparison,
  { gpu, adapter }: { readonly gpu: Gpu; readonly adapter: AdapterReport },
): Running {
  if (text === undefined) {
    return { run: runnerHere(gpu, comparison, adapter), hooks: trialProgress(out) };
  }
  const gpus = listGpus();
  const count = countOf(text, gpus);
  const { origin } = comparison;
  const { hooks, pool } = poolProgress(out, count);
  return { run: onWorkers({ origin, workers: count, gpus, pool }), hooks };
}

/** Hooks that print each trial of several workers, with a bar for each worker on a terminal. */
function poolProgress(out: Output, count: number): { hooks: TrialHooks; pool: PoolHooks } {
  const bars = new Map<number, string>();
  const draw = () => out.status([...bars].map(([i, bar]) => `${i + 1} ${bar}`).join('  '));
  const at = ({ done, total, secondsLeft }: TrialProgress): string => {
    const left = secondsLeft / Math.min(count, total - done);
    const rest = done < total && Number.isFinite(left) ? `, about ${clock(left)} left` : '';
    return `${done}/${total} done${rest}`;
  };
  return {
    hooks: {
      onKept: trialProgress(out).onKept,
      onStart: ({ condition, seed }) => out.say(`trial ${condition.label}  seed ${seed} …`),
      onFinish: (record, progress) => {
        const { label, seed, seconds } = record;
        const result = `${outcomeOf(record)}  ${seconds.toFixed(1)} s`;
        out.say(`  ${label}  seed ${seed}: ${result}; ${at(progress)}`);
      },
      onBroken: ({ trial: { condition, seed }, error }, progress) => {
        const what = `${condition.label}  seed ${seed}`;
        out.say(`  ${what}: failed: ${messageLine(error.message)}  ${at(progress)}`);
      },
    },
    pool: {
      onWorker: (worker, pid) => out.say(`worker ${worker + 1}: process ${pid}`),
      onStep: (worker, _, step, total) => {
        const full = Math.round((BAR * step) / total);
        bars.set(worker, '█'.repeat(full) + '░'.repeat(BAR - full));
        draw();
      },
      onRest: (worker) => {
        bars.delete(worker);
        draw();
      },
      onDeath: ({ condition, seed }, { message }, again) => {
        const then = again ? '; another worker runs it again' : '';
        out.say(`  ${condition.label}  seed ${seed}: ${messageLine(message)}${then}`);
      },
    },
  };
}
