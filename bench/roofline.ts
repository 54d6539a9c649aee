// Compares a time with the adapter's limits: the roofline model (Williams, Waterman & Patterson 2009).

import type { KernelRow, Result } from './result.ts';
import { median, quantile } from './statistics.ts';

/** What the adapter was measured to do. */
export interface Peaks {
  /** GFLOP/s of multiply-adds. */
  readonly gflops: number;
  /** GB/s of a copy, read and write counted. */
  readonly gbs: number;
}

/** Median and quartiles, ms. */
export interface Spread {
  readonly ms: number;
  readonly low: number;
  readonly high: number;
}

/** What a kernel's times mean. */
export interface Figures extends Spread {
  readonly gflops: number;
  readonly gbs: number;
  /** FLOP for each byte that must be moved. */
  readonly intensity: number;
  readonly bound: 'compute' | 'memory';
  /** GFLOP/s over the peak of multiply-adds. */
  readonly ofPeak: number;
  /** GB/s over the bandwidth of a copy. */
  readonly ofBandwidth: number;
  /** The share of what its bound allows. Above 1 where a cache is faster than the memory that the copy measured. */
  readonly ofRoof: number;
}

export const spreadOf = (rounds: readonly number[]): Spread => ({
  ms: median(rounds),
  low: quantile(rounds, 0.25),
  high: quantile(rounds, 0.75),
});

/** 10⁹ per second, of `amount` in `ms` milliseconds. */
const giga = (amount: number, ms: number): number => amount / ms / 1e6;

/** The best value of each kind: any kernel that reaches a peak proves it. */
export function peaksOf({ peaks, overheads }: Pick<Result, 'peaks' | 'overheads'>): Peaks {
  const copies = [...peaks.filter(({ flops }) => flops === 0), ...overheads];
  return {
    gflops: Math.max(...peaks.map(({ flops, rounds }) => giga(flops, median(rounds)))),
    gbs: Math.max(...copies.map(({ bytes, rounds }) => giga(bytes, median(rounds)))),
  };
}

export function figuresOf({ flops, bytes, rounds }: KernelRow, peaks: Peaks): Figures {
  const spread = spreadOf(rounds);
  const [gflops, gbs] = [giga(flops, spread.ms), giga(bytes, spread.ms)];
  const intensity = flops / bytes;
  const bound = intensity * peaks.gbs > peaks.gflops ? 'compute' : 'memory';
  const [ofPeak, ofBandwidth] = [gflops / peaks.gflops, gbs / peaks.gbs];
  const ofRoof = bound === 'compute' ? ofPeak : ofBandwidth;
  return { ...spread, gflops, gbs, intensity, bound, ofPeak, ofBandwidth, ofRoof };
}
