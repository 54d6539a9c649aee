// A result as rows of text: what the command line prints.

import type { Comparisons } from './compare.ts';
import { figure, mebibytes, percent } from './format.ts';
import type { Result, StepRow } from './result.ts';
import { figuresOf, peaksOf, spreadOf } from './roofline.ts';
import { median } from './statistics.ts';

export type Rows = readonly (readonly string[])[];

const spread = ({ low, high }: { readonly low: number; readonly high: number }) =>
  `${figure(low)}–${figure(high)}`;

export function peakRows(result: Result): Rows {
  const { gflops, gbs } = peaksOf(result);
  return [
    ['peak', 'ms', 'quartiles', 'GFLOP/s', 'GB/s'],
    ...[...result.peaks, ...result.overheads.map((row) => ({ ...row, flops: 0 }))].map(
      ({ name, flops, bytes, rounds }) => {
        const of = spreadOf(rounds);
        const rate = (amount: number) => (amount > 0 ? figure(amount / of.ms / 1e6) : '–');
        return [name, figure(of.ms), spread(of), rate(flops), flops > 0 ? '–' : rate(bytes)];
      },
    ),
    ['best', '', '', figure(gflops), figure(gbs)],
  ];
}

export function kernelRows(result: Result): Rows {
  const peaks = peaksOf(result);
  return [
    ['kernel', 'ms', 'quartiles', 'GFLOP/s', 'GB/s', 'of peak', 'of copy', 'bound', 'error'],
    ...result.kernels.map((row) => {
      const of = figuresOf(row, peaks);
      return [
        row.name,
        figure(of.ms),
        spread(of),
        figure(of.gflops),
        figure(of.gbs),
        percent(of.ofPeak),
        percent(of.ofBandwidth),
        of.bound,
        row.error.toExponential(1),
      ];
    }),
  ];
}

/** Images a second. */
export const imageRate = ({ batch, rounds }: StepRow): number => (1000 * batch) / median(rounds);

/**
 * The share of a step in which the GPU is idle, as median of the rounds; undefined without a reliable GPU clock.
 */
export const idleShare = ({ rounds, gpuRounds }: StepRow): number | undefined =>
  gpuRounds && median(gpuRounds.map((ms, round) => 1 - ms / rounds[round]));

export function stepRows({ steps }: Result): Rows {
  return [
    [
      'step',
      'ms',
      'quartiles',
      'images/s',
      'JS ms',
      'GPU idle',
      'dispatches',
      'planned MiB',
      'eager MiB',
    ],
    ...steps.map((row) => {
      const of = spreadOf(row.rounds);
      return [
        row.name,
        figure(of.ms),
        spread(of),
        figure(imageRate(row)),
        figure(median(row.scriptRounds)),
        percent(idleShare(row) ?? Number.NaN),
        String(row.dispatches),
        mebibytes(row.plannedBytes),
        mebibytes(row.eagerBytes ?? row.unsharedBytes),
      ];
    }),
  ];
}

export function firstStepRows({ firstSteps }: Result): Rows {
  return [
    ['first step', 'cache', 'ms', 'quartiles', 'pipelines'],
    ...firstSteps.map(({ name, cache, pipelines, rounds }) => {
      const of = spreadOf(rounds);
      return [name, cache, figure(of.ms), spread(of), String(pipelines)];
    }),
  ];
}

export function comparisonRows({ rows }: Comparisons): Rows {
  return [
    ['', 'before ms', 'after ms', 'speed', '95 % interval', ''],
    ...rows.map(({ name, before, after, speed, verdict }) => [
      name,
      figure(before),
      figure(after),
      speed ? `${figure(speed.value)}×` : '–',
      speed ? spread(speed) : '–',
      verdict,
    ]),
  ];
}
