// The log of training steps, one JSON object per line, in step with the checkpoints: a resumed run continues it.

import type { StepReport } from '../train/train-hooks.ts';

/** What one line holds. Losses are means over the batch; `epoch` is from 0. */
export type LoggedStep = Omit<StepReport, 'total'>;

const stepOf = (line: string): number => Number(/^\{"step":(\d+),/.exec(line)?.[1] ?? Number.NaN);

/**
 * A log up to the step of a checkpoint. What a killed process logged after its last checkpoint is replaced, because the
 * steps after that are trained again.
 *
 * @param old content of the log so far
 * @param steps the steps since then, in order
 */
export function continueLog(old: string, steps: readonly LoggedStep[], until: number): string {
  const from = steps[0]?.step ?? Number.POSITIVE_INFINITY;
  const kept = old.split('\n').filter((line) => stepOf(line) < from && stepOf(line) <= until);
  const added = steps.filter(({ step }) => step <= until).map((step) => JSON.stringify(step));
  return [...kept, ...added].map((line) => `${line}\n`).join('');
}
