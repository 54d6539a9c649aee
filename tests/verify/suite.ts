// The property tests as a whole: which configurations, run in batches, failures shrunk, results counted.

import type { Gpu } from '../../engine/core/gpu.ts';
import { Random } from '../../engine/index.ts';
import { drawSizes, type Problem, type Samplers, variables } from '../support/sampler.ts';
import { check, checkAll, type Outcome } from './check.ts';
import { type Configuration, formatConfiguration } from './configuration.ts';
import { shrink } from './shrink.ts';

/** One configuration in 60 is of the large kind. */
const EDGE_EVERY = 60;
/** Rounds over the samplers, out of five, that go to second order. */
const SECOND_ORDER_ROUNDS = 2;

/** The first `count` configurations of a seed; each depends on the seed and its own number alone. */
export function plan(seed: number, count: number, samplers: Samplers): Configuration[] {
  const names = Object.keys(samplers);
  const edges = names.filter((name) => samplers[name].forwardOnly);
  const regular = names.filter((name) => !samplers[name].forwardOnly);
  return Array.from({ length: count }, (_, i) => {
    const random = new Random(seed, i);
    const turn = Math.floor(i / EDGE_EVERY);
    const isEdge = edges.length > 0 && (i % EDGE_EVERY === EDGE_EVERY - 1 || regular.length === 0);
    const index = edges.length > 0 ? i - turn : i;
    const round = Math.floor(index / regular.length) % 5;
    const sampler = isEdge ? edges[turn % edges.length] : regular[index % regular.length];
    const valueSeed = random.uint32();
    const sizes = drawSizes(samplers[sampler], random);
    const constant = variables(samplers[sampler].problem(sizes) as Problem).length === 0;
    const order = isEdge || constant ? 0 : round < SECOND_ORDER_ROUNDS ? 2 : 1;
    return { sampler, order, seed: valueSeed, sizes };
  });
}

/** Number of configurations launched before the first result is awaited. */
const BATCH = 16;

export async function verify(
  gpu: Gpu,
  configurations: readonly Configuration[],
  samplers: Samplers,
  log: (line: string) => void,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let from = 0; from < configurations.length; from += BATCH) {
    const batch = await checkAll(gpu, configurations.slice(from, from + BATCH), samplers);
    for (const outcome of batch) {
      if (outcome.failure) log(await report(gpu, outcome, samplers));
    }
    outcomes.push(...batch);
  }
  return outcomes;
}

/** A failure with the command that repeats it, as small as it could be made. */
export async function report(gpu: Gpu, outcome: Outcome, samplers: Samplers): Promise<string> {
  const { least } = samplers[outcome.configuration.sampler];
  const fails = async (candidate: Configuration) => {
    const { sampler, sizes } = candidate;
    if (!samplers[sampler].problem(sizes)) return false;
    return (await check(gpu, candidate, samplers)).failure !== undefined;
  };
  if (!(await fails(outcome.configuration))) {
    return (
      `FAIL ${outcome.configuration.sampler}: ${outcome.failure}\n` +
      '  It passes alone, so what ran before it matters: repeat it with the same --seed.\n' +
      `  ${command(outcome.configuration)}`
    );
  }
  const { configuration, tried } = await shrink(outcome.configuration, fails, { least });
  const { failure } = await check(gpu, configuration, samplers);
  return (
    `FAIL ${configuration.sampler}: ${failure}\n` +
    `  shrunk in ${tried} tries from ${formatConfiguration(outcome.configuration)}\n` +
    `  ${command(configuration)}`
  );
}

export const command = (configuration: Configuration): string =>
  `npm run verify -- --case '${formatConfiguration(configuration)}'`;

/** One line per sampler: configurations by order, the largest error by order as a share of its bound. */
export function table(outcomes: readonly Outcome[], samplers: Samplers): string {
  const percent = (share: number) => `${(100 * share).toPrecision(2)} %`;
  const lines = Object.keys(samplers).flatMap((name) => {
    const mine = outcomes.filter(({ configuration }) => configuration.sampler === name);
    if (mine.length === 0) return [];
    const failed = mine.filter(({ failure }) => failure).length;
    const byOrder = [0, 1, 2].map(
      (order) => mine.filter(({ configuration }) => configuration.order >= order).length,
    );
    const worst = [0, 1, 2].map((order) =>
      byOrder[order] > 0 ? percent(Math.max(...mine.map(({ shares }) => shares[order]))) : '',
    );
    return [[name, ...byOrder, ...worst, `× ${samplers[name].bound.factor}`, failed]];
  });
  const all = [0, 1, 2].map(
    (order) => outcomes.filter(({ configuration }) => configuration.order >= order).length,
  );
  const failed = outcomes.filter(({ failure }) => failure).length;
  return columns([
    ['', 'value', '1st', '2nd', 'value', '1st', '2nd', 'bound', 'failed'],
    ...lines,
    ['all', ...all, '', '', '', '', failed],
  ]);
}

function columns(rows: readonly (readonly (string | number)[])[]): string {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => String(row[i]).length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) =>
          i === 0 ? String(cell).padEnd(widths[i]) : String(cell).padStart(widths[i]),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
