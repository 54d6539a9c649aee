// Runs a configuration on the device and in float64, and says whether they agree to within the bound.

import { preferring } from '../../engine/core/tuning.ts';
import { type Gpu, Random, type Tensor } from '../../engine/index.ts';
import { type Array64, array64, sizeOf64 } from '../support/array64.ts';
import { type Direction, dot } from '../support/autodiff64.ts';
import { largest } from '../support/close.ts';
import { type Derivatives, derivatives, readDerivatives } from '../support/derivatives.ts';
import { type Problem, type Samplers, variables } from '../support/sampler.ts';
import { type Order, roundings } from '../support/tolerance.ts';
import { type Configuration, problemOf } from './configuration.ts';
import { oracleOf } from './oracle.ts';

export interface Outcome {
  readonly configuration: Configuration;
  /** What is wrong; undefined if nothing is. */
  readonly failure?: string;
  /** The largest error as a share of its bound, by order. */
  readonly shares: readonly number[];
}

/** How often each strategy was used, if there was a choice. */
export const taken = new Map<string, number>();

/** A configuration whose kernels are queued. */
interface Launched {
  readonly problem: Problem;
  readonly inputs: readonly Array64[];
  readonly wanted: readonly number[];
  readonly expected: Array64;
  readonly dy: Float64Array;
  readonly u: Direction;
  readonly random: Random;
  readonly shape: readonly number[];
  readonly results: Derivatives;
}

/** Checks several configurations: all are launched before the first result is awaited. */
export function checkAll(
  gpu: Gpu,
  configurations: readonly Configuration[],
  samplers: Samplers,
): Promise<Outcome[]> {
  const launched = configurations.map((configuration) => {
    try {
      return launch(gpu, configuration, samplers);
    } catch (error) {
      return error as Error;
    }
  });
  return Promise.all(
    configurations.map(async (configuration, i): Promise<Outcome> => {
      const shares = [0, 0, 0];
      try {
        const each = launched[i];
        if (each instanceof Error) throw each;
        const { factor } = samplers[configuration.sampler].bound;
        await judge(each, configuration.order, factor, shares);
        return { configuration, shares };
      } catch (error) {
        return { configuration, shares, failure: (error as Error).message };
      }
    }),
  );
}

export const check = async (
  gpu: Gpu,
  configuration: Configuration,
  samplers: Samplers,
): Promise<Outcome> => (await checkAll(gpu, [configuration], samplers))[0];

const randomLike = (random: Random, size: number): Float64Array =>
  Float64Array.from({ length: size }, () => Math.fround(2 * random.uniform() - 1));

function launch(gpu: Gpu, configuration: Configuration, samplers: Samplers): Launched {
  const { order, seed } = configuration;
  const problem = problemOf(configuration, samplers);
  const random = new Random(seed, 'values');
  const data = problem.inputs.map(({ shape, values }) => values(random, sizeOf64(shape)));
  const inputs = problem.inputs.map(({ shape }, i) => array64(shape, data[i]));
  const { strategies = [] } = problem;
  const prefer = preferring(...strategies);
  gpu.retune((choice) => {
    const name = prefer(choice);
    taken.set(name, (taken.get(name) ?? 0) + 1);
    return name;
  });
  const wanted = variables(problem);
  const expected = problem.reference(inputs);
  // Values alone need no directions, and directions for 33 million elements take long to draw.
  const like = (size: number) => randomLike(random, order === 0 ? 0 : size);
  const dy = like(expected.data.length);
  const u = inputs.map((x, i) => (wanted.includes(i) ? like(x.data.length) : undefined));
  const tensors: Tensor[] = [];
  let results: Derivatives | undefined;
  try {
    problem.inputs.forEach(({ shape, dtype }, i) => {
      const tensor = gpu.tensor(data[i], shape, dtype);
      tensor.requiresGrad = wanted.includes(i);
      tensors.push(tensor);
    });
    const request = { apply: problem.run, inputs: tensors, wanted, order, dy, u };
    results = derivatives(gpu, request);
    const { shape } = results.y;
    return { problem, inputs, wanted, expected, dy, u, random, shape, results };
  } finally {
    // An op may have nothing to do, and return its input.
    for (const tensor of tensors) if (tensor !== results?.y) tensor.dispose();
  }
}

/** @throws Error that says what differs and by how much */
async function judge(
  launched: Launched,
  order: Order,
  factor: number,
  shares: number[],
): Promise<void> {
  const { problem, inputs, wanted, expected, dy, u, random, shape, results } = launched;
  const actual = await readDerivatives(results);
  if (String(shape) !== String(expected.shape)) {
    throw new Error(`value has shape [${shape}], expected [${expected.shape}]`);
  }
  const compare = (
    what: string,
    at: Order,
    got: ArrayLike<number>,
    want: ArrayLike<number>,
    scale = largest(want),
  ) => {
    // Terms are near 1 even where their sum cancels.
    const allowed = factor * roundings(problem.terms) * (scale + 1);
    for (let i = 0; i < want.length; i++) {
      const share = Math.abs(got[i] - want[i]) / allowed;
      if (!(share <= 1)) {
        throw new Error(
          `${what}: element ${i} of ${want.length} is ${got[i]}, expected ${want[i]} ± ${allowed.toExponential(1)}`,
        );
      }
      if (share > shares[at]) shares[at] = share;
    }
  };
  compare('value', 0, actual.y, expected.data);
  if (order === 0 || wanted.length === 0) return;

  const { slope, curvature, jvp } = oracleOf(problem.quadratic)(problem.reference, inputs, dy);
  /** A gradient is checked along a random direction, which covers all of it, and at one element. */
  const compareGradient = (
    what: string,
    at: Order,
    input: number,
    got: ArrayLike<number>,
    along: (v: Direction) => number,
  ) => {
    const only = (v: Float64Array) => inputs.map((_, i) => (i === input ? v : undefined));
    const size = inputs[input].data.length;
    const element = random.int(size);
    const unit = new Float64Array(size).fill(1, element, element + 1);
    compare(`${what} at ${element}`, at, [got[element]], [along(only(unit))], largest(got));
    const v = randomLike(random, size);
    const spread = (largest(got) + 1) * Math.sqrt(size);
    compare(`${what} along a direction`, at, [dot(got, v)], [along(only(v))], spread);
  };
  wanted.forEach((i, k) => {
    compareGradient(`gradient of input ${i}`, 1, i, actual.dx[k], slope);
  });
  if (order === 1) return;
  wanted.forEach((i, k) => {
    const what = `second order, input ${i}`;
    compareGradient(what, 2, i, actual.second[k], (v) => curvature(u, v));
  });
  compare('second order, dy', 2, actual.second[wanted.length], jvp(u));
}
