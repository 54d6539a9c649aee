// `npm run verify`: op tests, goldens, kernels' bounds, gradcheck and anomaly mode, random configurations, coverage
// of the registry, and repeatability.
// Flags: `--seed N`, `--count N`, `--only <sampler>`, and `--case '<JSON>'` for one configuration alone.

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Gpu, ops } from '../../engine/index.ts';
import { createNodeDevice } from '../../engine/node.ts';
import { opSpecifications, samplers } from '../engine/ops/index.ts';
import { type Goldens, readGoldens } from '../goldens/golden.ts';
import { type Counts, closingLine, runTests } from '../run.ts';
import { exclusions } from '../support/coverage.ts';
import type { Samplers } from '../support/sampler.ts';
import { check, taken } from './check.ts';
import { type Configuration, formatConfiguration, parseConfiguration } from './configuration.ts';
import { differingPairs } from './determinism.ts';
import { plan, table, verify } from './suite.ts';

const COUNT = 3000;
const PAIRS = 100;

interface Options {
  readonly seed: number;
  readonly count: number;
  readonly only?: string;
}

/** Runs the configuration of `text`; true if it passes. @throws if it is none */
export async function verifyCase(
  gpu: Gpu,
  text: string,
  from: Samplers,
  log: (line: string) => void,
): Promise<boolean> {
  const configuration = parseConfiguration(text, from);
  const { failure } = await check(gpu, configuration, from);
  log(
    failure
      ? `FAIL ${configuration.sampler}: ${failure}`
      : `ok ${formatConfiguration(configuration)}`,
  );
  return failure === undefined;
}

/** Random configurations, and whether all pass. */
async function verifyRandom(gpu: Gpu, { seed, count, only }: Options) {
  if (only !== undefined && !samplers[only]) {
    throw new RangeError(
      `--only: no sampler ${only}, expected one of ${Object.keys(samplers).join(', ')}.`,
    );
  }
  const configurations = plan(seed, count, samplers).filter(
    ({ sampler }) => only === undefined || sampler === only,
  );
  const start = performance.now();
  const outcomes = await verify(gpu, configurations, samplers, console.log);
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(
    `\nRandom configurations of seed ${seed} (${seconds} s): how many were checked to which order, and the\n` +
      'largest error of value, gradient and second derivative as a share of its bound.\n\n' +
      `${table(outcomes, samplers)}\n`,
  );
  return { configurations, passed: outcomes.every(({ failure }) => failure === undefined) };
}

/** What `npm run verify` runs of the tests, by the name of its line. */
const TESTS: Readonly<Record<string, readonly string[]>> = {
  'op tests': ['tests/engine/ops/'],
  goldens: ['tests/goldens/'],
  'kernel bounds': ['tests/kernels/bounds.test.ts'],
  'gradcheck, anomaly': [
    'tests/engine/autodiff/gradcheck.test.ts',
    'tests/engine/autodiff/anomaly.test.ts',
  ],
};

async function verifyAll(gpu: Gpu, options: Options): Promise<boolean> {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const tests: [name: string, counts: Counts][] = [];
  for (const [name, filters] of Object.entries(TESTS)) {
    tests.push([name, await runTests({ root, filters: [...filters] })]);
  }
  const { configurations, passed } = await verifyRandom(gpu, options);
  const excluded = exclusions(ops, opSpecifications);
  for (const line of excluded) console.log(`excluded: ${line}`);
  const differing = await differingPairs(gpu, PAIRS);
  for (const line of differing) console.log(`not repeatable: ${line}`);
  const failed = tests.some(([, counts]) => counts.passed === 0 || counts.failed > 0);
  const lines: [name: string, what: string][] = [
    ...tests.map(([name, counts]): [string, string] => [name, closingLine(counts)]),
    ['golden cases', goldenCases()],
    ['configurations', passed ? 'all within bounds' : 'some FAILED, see above'],
    ['', orders(configurations)],
    ['', strategies()],
    ['exclusions', `${excluded.length} of ${ops.size} ops`],
    [
      'repeatability',
      `${PAIRS - differing.length} of ${PAIRS} pairs of trainings give the same SHA-256`,
    ],
  ];
  console.log(lines.map(([name, what]) => name.padEnd(20) + what).join('\n'));
  return !failed && passed && excluded.length === 0 && differing.length === 0;
}

function goldenCases(): string {
  const count = (name: string) => readGoldens<Goldens<unknown>>(name).cases.length;
  return `${count('ops.json')} of ops and ${count('networks.json')} of networks, each to second order`;
}

function orders(configurations: readonly Configuration[]): string {
  const [value, first, second] = [0, 1, 2].map(
    (order) => configurations.filter((each) => each.order >= order).length,
  );
  return `${value} values, ${first} of them with gradients, ${second} to second order`;
}

/** The strategies with which contractions and convolutions were computed. */
const strategies = (): string =>
  `by strategy: ${[...taken]
    .sort()
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')}`;

function whole(flag: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new RangeError(`${flag}: got ${text}, expected a whole number ≥ ${least}.`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      count: { type: 'string', default: String(COUNT) },
      only: { type: 'string' },
      case: { type: 'string' },
    },
  });
  const options: Options = {
    seed: whole('--seed', values.seed, 0),
    count: whole('--count', values.count, 1),
    only: values.only,
  };
  const { device, wait } = await createNodeDevice();
  const gpu = new Gpu(device, { wait });
  try {
    const { case: text, only } = values;
    let ok: boolean;
    if (text !== undefined) ok = await verifyCase(gpu, text, samplers, console.log);
    else if (only !== undefined) ok = (await verifyRandom(gpu, options)).passed;
    else ok = await verifyAll(gpu, options);
    process.exitCode = ok ? 0 : 1;
  } finally {
    device.destroy();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main().catch((error: Error) => {
    console.error(`verify: ${error.message}`);
    process.exitCode = 1;
  });
}
