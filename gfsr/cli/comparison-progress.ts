// Shows the progress of a comparison: what is checked, how long it will take, and each trial with the time left.

import type { CheckedLoss, Comparison } from '../compare/comparison.ts';
import type { PartEstimate } from '../compare/published-comparisons.ts';
import type { BrokenTrial, TrialHooks, TrialProgress } from '../compare/run-trials.ts';
import type { TrialRecord } from '../compare/trial-record.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Output } from '../terminal/output.ts';
import { clock, grouped, row } from '../text/lines.ts';
import { messageLine } from '../text/visible.ts';

/** Reports the user's own losses that passed their check. */
export function sayLosses(out: Output, checked: readonly CheckedLoss[]): void {
  for (const { loss, derivatives, unchecked } of checked) {
    const rest = unchecked > 0 ? `, ${unchecked} could not be` : '';
    out.say(
      row('loss', `${loss.name} (${loss.source}): ${derivatives} derivatives checked${rest}`),
    );
  }
}

/** Says what will be trained. What cannot be is told now: a misspelt name should not cost the hours of the others. */
export function sayComparison(out: Output, folder: string, comparison: Comparison): void {
  const { trials, dataset, unfit } = comparison;
  const sizes = new Set(trials.map(({ config }) => config.train.batchSize));
  for (const size of sizes) sayLeftOut(out, size, dataset);
  out.say(row('comparison', `${folder}, ${trials.length} trials`));
  const broken = trials.flatMap((trial) => {
    const error = unfit.get(trial.key);
    return error ? [{ trial, error }] : [];
  });
  for (const line of reasons(broken)) out.result(row('WARNING', `not trained: ${line}`));
}

/** An epoch has full batches only: says how many images that leaves out, if they are more than one in a hundred. */
export function sayLeftOut(out: Output, batchSize: number, { train: { count } }: Dataset): void {
  const left = count % batchSize;
  if (left > count / 100) {
    const used = `each epoch trains on ${grouped(count - left)} of ${grouped(count)} images`;
    out.say(row('batches', `${used}, others each time: batches of ${batchSize} are always full`));
  }
}

/** Reports the trials without a result. */
export function sayBroken(out: Output, broken: readonly BrokenTrial[]): void {
  for (const line of reasons(broken)) out.result(row('FAILED', line));
}

/** One line per condition and reason, with its seeds. */
function reasons(broken: readonly BrokenTrial[]): string[] {
  const seeds = new Map<string, number[]>();
  for (const { trial, error } of broken) {
    const what = `${trial.condition.label}: ${messageLine(error.message)}`;
    seeds.set(what, [...(seeds.get(what) ?? []), trial.seed]);
  }
  return [...seeds].map(([what, those]) => `${what} (seed ${those.join(', ')})`);
}

/** Hooks that print the progress of a comparison to `out`. */
export function trialProgress(out: Output): TrialHooks {
  let current = '';
  const left = ({ done, total, secondsLeft }: TrialProgress): string =>
    done < total && Number.isFinite(secondsLeft) ? `, about ${clock(secondsLeft)} left` : '';
  return {
    onKept: (folder) => {
      out.say(row('', `tables of other trials were in the folder; they are now in ${folder}`));
    },
    onStart: ({ condition, seed }, at) => {
      current = `trial ${at.done + 1}/${at.total}  ${condition.label}  seed ${seed}`;
      out.say(`${current} …${left(at)}`);
    },
    onStep: ({ step, total }) => {
      out.status(`${current}  step ${step}/${total}`);
    },
    onBroken: ({ error }, at) => {
      out.status('');
      out.say(`  failed: ${messageLine(error.message)}  ${at.done}/${at.total} done${left(at)}`);
    },
    onFinish: (record, at) => {
      out.status('');
      const { seconds } = record;
      out.say(
        `  ${outcomeOf(record)}  ${seconds.toFixed(1)} s; ${at.done}/${at.total} done${left(at)}`,
      );
    },
  };
}

/** The accuracy of a trial, or why it has none. */
export function outcomeOf({ figures, failed }: TrialRecord): string {
  const on = 'test accuracy' in figures ? 'test' : 'val';
  return failed ?? `${on} accuracy ${figures[`${on} accuracy`].toFixed(3)}`;
}

/** How long a comparison will take in total, and how long each part takes. */
export function describeEstimate({ trials, left, estimate }: PartEstimate): string {
  if (!estimate) return `${trials} trials, all finished`;
  const { seconds, plainStep, guidedSteps, masks, evaluation } = estimate;
  const ms = (value: number) => Math.round(1000 * value);
  const guided = guidedSteps
    ? `, a guided one ${[...new Set(guidedSteps.map(ms))].join(' to ')}`
    : '';
  return `about ${clock(seconds)} for ${left} trials (a step takes ${ms(plainStep)} ms${guided}; masks ${masks.toFixed(1)} s, evaluation ${evaluation.toFixed(1)} s)`;
}
