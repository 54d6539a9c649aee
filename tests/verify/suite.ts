// The property tests as a whole: which configurations, run in batches, failures shrunk, results counted.

import type { Gpu } from '../../engine/core/gpu.ts';
import { Random } from '../../engine/index.ts';
import { bounds } from './bounds.ts';
import { check, checkAll, type Outcome } from './check.ts';
import {
  type Configuration,
  drawSizes,
  type Families,
  formatConfiguration,
} from './configuration.ts';
import { shrink } from './shrink.ts';

/** One configuration in so many is of the large kind. */
const EDGE_EVERY = 60;
/** Of five rounds over the families, so many go to second order. */
const SECOND_ORDER_ROUNDS = 2;

/** The first `count` configurations of a seed; each depends on the seed and its own number alone. */
export function plan(seed: number, count: number, families: Families): Configuration[] {
  const names = Object.keys(families);
  const edges = names.filter((name) => families[name].forwardOnly);
  const regular = names.filter((name) => !families[name].forwardOnly);
  return Array.from({ length: count }, (_, i) => {
    const random = new Random(seed, i);
    const turn = Math.floor(i / EDGE_EVERY);
    const isEdge = edges.length > 0 && (i % EDGE_EVERY === EDGE_EVERY - 1 || regular.length === 0);
    const index = edges.length > 0 ? i - turn : i;
    const round = Math.floor(index / regular.length) % 5;
    const family = isEdge ? edges[turn % edges.length] : regular[index % regular.length];
    const order = isEdge ? 0 : round < SECOND_ORDER_ROUNDS ? 2 : 1;
    return { family, order, seed: random.uint32(), sizes: drawSizes(families[family], random) };
  });
}

/** Configurations launched before the first is waited for. */
const BATCH = 16;

export async function verify(
  gpu: Gpu,
  configurations: readonly Configuration[],
  families: Families,
  log: (line: string) => void,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let from = 0; from < configurations.length; from += BATCH) {
    const batch = await checkAll(gpu, configurations.slice(from, from + BATCH), families);
    for (const outcome of batch) {
      if (outcome.failure) log(await report(gpu, outcome, families));
    }
    outcomes.push(...batch);
  }
  return outcomes;
}

/** A failure with the command that repeats it, as small as it could be made. */
export async function report(gpu: Gpu, outcome: Outcome, families: Families): Promise<string> {
  const { least } = families[outcome.configuration.family];
  const fails = async (candidate: Configuration) => {
    const { family, sizes } = candidate;
    if (!families[family].problem(sizes)) return false;
    return (await check(gpu, candidate, families)).failure !== undefined;
  };
  if (!(await fails(outcome.configuration))) {
    return (
      `FAIL ${outcome.configuration.family}: ${outcome.failure}\n` +
      '  It passes alone, so what ran before it matters: repeat it with the same --seed.\n' +
      `  ${command(outcome.configuration)}`
    );
  }
  const { configuration, tried } = await shrink(outcome.configuration, fails, { least });
  const { failure } = await check(gpu, configuration, families);
  return (
    `FAIL ${configuration.family}: ${failure}\n` +
    `  shrunk in ${tried} tries from ${formatConfiguration(outcome.configuration)}\n` +
    `  ${command(configuration)}`
  );
}

export const command = (configuration: Configuration): string =>
  `npm run verify -- --case '${formatConfiguration(configuration)}'`;

/** A line per family: configurations by order, the largest error by order as a share of its bound. */
export function table(outcomes: readonly Outcome[], families: Families): string {
  const percent = (share: number) => `${(100 * share).toPrecision(2)} %`;
  const lines = Object.keys(families).flatMap((name) => {
    const mine = outcomes.filter(({ configuration }) => configuration.family === name);
    if (mine.length === 0) return [];
    const failed = mine.filter(({ failure }) => failure).length;
    const byOrder = [0, 1, 2].map(
      (order) => mine.filter(({ configuration }) => configuration.order >= order).length,
    );
    const worst = [0, 1, 2].map((order) =>
      byOrder[order] > 0 ? percent(Math.max(...mine.map(({ shares }) => shares[order]))) : '',
    );
    return [[name, ...byOrder, ...worst, `× ${bounds[name].factor}`, failed]];
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
