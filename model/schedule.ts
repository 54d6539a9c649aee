// Learning-rate schedules: a factor in [0, 1] for each step.

/** Names of the schedules; `scheduleFactor` says what each one does. */
export const SCHEDULES = ['constant', 'cosine', 'warmup-cosine', 'one-cycle'] as const;
/** Name of a schedule. */
export type Schedule = (typeof SCHEDULES)[number];

/**
 * The factor on the learning rate at `step` of `total` (from 0). `cosine` falls from 1 to 0;
 * `warmup-cosine` first climbs from 1/10 over the first 10 %, and ends at 1/50; `one-cycle` climbs from 1/25
 * over the first 30 % (Smith & Topin 2018).
 *
 * @throws RangeError for another name
 */
export function scheduleFactor(schedule: Schedule, step: number, total: number): number {
  if (!SCHEDULES.includes(schedule)) {
    throw new RangeError(`schedule: got ${schedule}, expected one of ${SCHEDULES.join(', ')}.`);
  }
  const progress = Math.min(1, step / Math.max(1, total));
  const fall = (from: number, to: number, t: number) =>
    to + ((from - to) * (1 + Math.cos(Math.PI * t))) / 2;
  if (schedule === 'constant') return 1;
  if (schedule === 'warmup-cosine') {
    return progress < 0.1 ? 0.1 + 9 * progress : fall(1, 1 / 50, (progress - 0.1) / 0.9);
  }
  if (schedule === 'cosine') return fall(1, 0, progress);
  return progress < 0.3 ? fall(1 / 25, 1, progress / 0.3) : fall(1, 0, (progress - 0.3) / 0.7);
}
