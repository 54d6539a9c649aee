// Sets two results side by side: what became faster or slower, and which differences the samples cannot show.

import { adapterName } from '../engine/core/adapter.ts';
import type { Result } from './result.ts';
import { peaksOf } from './roofline.ts';
import { type Interval, median, medianRatio } from './statistics.ts';

export type Verdict = 'faster' | 'slower' | 'indistinct' | 'too few samples';

/** One thing that both results timed. */
export interface Comparison {
  readonly group: string;
  readonly name: string;
  /** Medians, ms. */
  readonly before: number;
  readonly after: number;
  /** before / after, above 1 where it became faster; absent with too few samples. */
  readonly speed?: Interval;
  readonly verdict: Verdict;
}

export interface Comparisons {
  readonly rows: readonly Comparison[];
  /** What a reader must know before believing the rows. */
  readonly warnings: readonly string[];
  /** Names that only one of the two has. */
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
}

/** With fewer, an interval would only repeat the extremes. */
const LEAST_SAMPLES = 5;
/** A peak that changes by more shows that the machine was not equally idle. */
const STEADY = 0.1;

export function compareResults(before: Result, after: Result): Comparisons {
  const [a, b] = [samplesOf(before), samplesOf(after)];
  const rows = [...a].flatMap(([key, { group, name, rounds }]) => {
    const other = b.get(key);
    return other ? [compareSamples(group, name, rounds, other.rounds)] : [];
  });
  const missing = (from: typeof a, to: typeof a) =>
    [...from].flatMap(([key, { name }]) => (to.has(key) ? [] : [name]));
  return {
    rows,
    warnings: warningsOf(before, after),
    onlyBefore: missing(a, b),
    onlyAfter: missing(b, a),
  };
}

function compareSamples(
  group: string,
  name: string,
  a: readonly number[],
  b: readonly number[],
): Comparison {
  const common = { group, name, before: median(a), after: median(b) };
  if (Math.min(a.length, b.length) < LEAST_SAMPLES) {
    return { ...common, verdict: 'too few samples' };
  }
  const speed = medianRatio(a, b);
  const verdict = speed.low > 1 ? 'faster' : speed.high < 1 ? 'slower' : 'indistinct';
  return { ...common, speed, verdict };
}

/** Everything timed, by a key that says what it is. */
function samplesOf({ peaks, overheads, kernels, steps, firstSteps }: Result) {
  const groups = {
    peaks: [...peaks, ...overheads],
    kernels,
    steps,
    'first step': firstSteps.map(({ name, cache, rounds }) => ({
      name: `${name}, ${cache} cache`,
      rounds,
    })),
  };
  return new Map(
    Object.entries(groups).flatMap(([group, rows]) =>
      rows.map(({ name, rounds }) => [`${group}/${name}`, { group, name, rounds }] as const),
    ),
  );
}

function warningsOf(a: Result, b: Result): string[] {
  const warnings: string[] = [];
  const [nameA, nameB] = [adapterName(a.adapter), adapterName(b.adapter)];
  if (nameA !== nameB) {
    warnings.push(`the adapters differ: ${nameA} and ${nameB}. This compares machines, not code.`);
  }
  if (a.adapter.isSoftware || b.adapter.isSoftware) {
    warnings.push('a software adapter is involved: its times say nothing about a GPU.');
  }
  if (a.platform.processor !== b.platform.processor) {
    warnings.push(`the processors differ: ${a.platform.processor} and ${b.platform.processor}.`);
  }
  if (a.clock.source !== b.clock.source) {
    warnings.push(`the clocks differ: ${a.clock.source} and ${b.clock.source}.`);
  }
  const [operandsA, operandsB] = [a, b].map(({ operands = 'f32' }) => operands);
  if (operandsA !== operandsB) {
    warnings.push(`the operands of products differ: ${operandsA} and ${operandsB}.`);
  }
  if (nameA === nameB) {
    const ratio = peaksOf(b).gflops / peaksOf(a).gflops;
    if (Math.abs(ratio - 1) > STEADY) {
      warnings.push(
        `the multiply-add peak is ${ratio.toFixed(2)} times the other: the machine was not equally free.`,
      );
    }
  }
  return warnings;
}
