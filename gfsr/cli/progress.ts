// Shows the progress of training: on a terminal a live line with rate and time left, and always one line per epoch.

import type { TrainSettings } from '../config/train.ts';
import type { Output } from '../terminal/output.ts';
import { clock } from '../text/lines.ts';
import type { EpochRecord } from '../train/checkpoint.ts';
import type { StepReport, TrainHooks } from '../train/train-hooks.ts';

const BAR = 24;
/** Milliseconds between two updates of the live line. */
const REDRAW = 100;
/** Steps at the start of a stage that the rate ignores, because kernels compile in them. */
const COLD_STEPS = 2;

interface Stage {
  arm: string;
  /** Step and time from which the rate is measured. */
  fromStep: number;
  fromTime: number;
}

/** Hooks that print the progress of an experiment to `out`. */
export function progressHooks(out: Output, { batchSize, epochs }: TrainSettings): TrainHooks {
  let stage: Stage | undefined;
  let seen = 0;
  let drawn = 0;

  const onStep = (report: StepReport, arm: string): void => {
    const now = performance.now();
    if (stage?.arm !== arm) {
      stage = { arm, fromStep: report.step, fromTime: now };
      seen = 0;
    }
    if (++seen <= COLD_STEPS) Object.assign(stage, { fromStep: report.step, fromTime: now });
    if (!out.live || now - drawn < REDRAW) return;
    drawn = now;
    out.status(statusLine(arm, report, stage, now));
  };

  const statusLine = (
    arm: string,
    { step, total, crossEntropy, relevance }: StepReport,
    { fromStep, fromTime }: Stage,
    now: number,
  ): string => {
    const perSecond = (1000 * (step - fromStep)) / (now - fromTime);
    const filled = Math.round((BAR * step) / total);
    const pace =
      perSecond > 0
        ? `${Math.round(perSecond * batchSize)} images/s  ${clock((total - step) / perSecond)} left`
        : '';
    const losses = `cross-entropy ${crossEntropy.toFixed(3)}`;
    const guided = arm === 'guided' ? `  relevance ${relevance.toFixed(3)}` : '';
    const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}`;
    return `${arm} ${bar} ${step}/${total}  ${pace}  ${losses}${guided}`;
  };

  const onEpoch = (record: EpochRecord, arm: string): void => {
    const { epoch, crossEntropy, relevance, lambda, valAccuracy, seconds } = record;
    const guided =
      arm === 'guided' ? `  relevance ${relevance.toFixed(4)} × ${lambda.toPrecision(3)}` : '';
    out.say(
      `  ${arm.padEnd(13)}  epoch ${String(epoch + 1).padStart(String(epochs).length)}/${epochs}` +
        `  cross-entropy ${crossEntropy.toFixed(4)}${guided}` +
        `  val accuracy ${valAccuracy.toFixed(4)}  ${seconds.toFixed(1)} s`,
    );
  };

  const onStage = (text: string): void => {
    out.status('');
    out.say(`${text} …`);
  };

  const onWarning = (text: string): void => {
    out.status('');
    out.say(`warning: ${text}`);
  };

  return { onStep, onEpoch, onStage, onWarning };
}
