// How long a launch should take on a named card: the slowest of issue, workgroup memory, caches and device memory.

import type { Counts } from './code.ts';

/** A card of a family, as its maker publishes it: boost clock, memory bandwidth. */
interface Card {
  readonly title: string;
  readonly units: number;
  readonly gigahertz: number;
  readonly gigabytesPerSecond: number;
}

export const CARDS: Readonly<Record<string, Card>> = {
  navi21: { title: 'RX 6800 XT', units: 72, gigahertz: 2.25, gigabytesPerSecond: 512 },
  navi31: { title: 'RX 7900 XTX', units: 96, gigahertz: 2.5, gigabytesPerSecond: 960 },
  gfx1201: { title: 'RX 9070 XT', units: 64, gigahertz: 2.97, gigabytesPerSecond: 640 },
  vega10: { title: 'RX Vega 64', units: 64, gigahertz: 1.546, gigabytesPerSecond: 484 },
};

/** What a compute unit of any of them does in a clock: lanes issued, bytes of workgroup memory, bytes of its cache. */
const LANES = 64;
const LDS_BYTES = 128;
const CACHE_BYTES = 64;
/** Lanes of a SIMD that one wave can keep busy; a unit has two SIMDs of 32. */
const WAVE = 64;
const SIMD_LANES = 32;

/** A launch, as the model sees it. `counts` are those of one thread's wave, and bytes there those of one lane. */
export interface Load {
  readonly counts: Counts;
  readonly workgroups: number;
  /** Threads of a workgroup. */
  readonly threads: number;
  /** Bytes of all bindings: each crosses the bus at least once. */
  readonly bytes: number;
}

/** Microseconds by what limits them. */
export interface ModelTime {
  readonly microseconds: number;
  readonly limit: 'issue' | 'LDS' | 'cache' | 'memory';
  /** Multiply-adds as a share of what the card could do in that time, one per lane and clock. */
  readonly peakShare: number;
}

/**
 * t = max over issue, LDS, cache and memory, each of the unit that has most workgroups, ⌈workgroups/units⌉: a launch
 * that leaves units without work takes no less for it. A unit with a single wave issues to one SIMD alone. Latency is
 * taken as hidden. Not calibrated: no result of such a card is known to us.
 */
export function modelTime(card: Card, { counts, workgroups, threads, bytes }: Load): ModelTime {
  const busiest = Math.ceil(workgroups / card.units) * threads;
  const lanes = busiest <= WAVE ? SIMD_LANES : LANES;
  const clocks = {
    issue: (busiest * counts.instructions) / lanes,
    LDS: (busiest * counts.ldsBytes) / LDS_BYTES,
    cache: (busiest * counts.memoryBytes) / CACHE_BYTES,
    memory: (bytes / card.gigabytesPerSecond) * card.gigahertz,
  };
  const [limit, most] = Object.entries(clocks).reduce((a, b) => (b[1] > a[1] ? b : a));
  const possible = most * card.units * LANES;
  return {
    microseconds: most / card.gigahertz / 1000,
    limit: limit as ModelTime['limit'],
    peakShare: (counts.multiplyAdds * workgroups * threads) / possible,
  };
}
