// Checks the gradients of a user's own function, to second order, and explains what is wrong with them.

import type { Gpu } from '../core/gpu.ts';
import type { Program } from '../core/program.ts';
import { Random } from '../core/random.ts';
import { formatShape, type Tensor } from '../core/tensor.ts';
import { dependsOn, grad } from './grad.ts';
import { type Derivative, judge, sumOf, type Weighed, weigh } from './gradcheck-verdict.ts';
import { type Cut, cutsInto, explain, UNCLEAR } from './gradcheck-words.ts';

export type { Derivative } from './gradcheck-verdict.ts';

import { nodeOf, observeOps } from './tape.ts';

/** The function to check. It is recorded once and run many times, so it must consist only of ops on tensors. */
export type Checked = (inputs: Readonly<Record<string, Tensor>>) => Tensor;

/** Options of `gradcheck`. */
export interface GradcheckOptions {
  /** How often to differentiate. Default 2. */
  readonly order?: 1 | 2;
  /** Seed of the directions. Default 0. */
  readonly seed?: number | string;
  /** Number of directions for each input and order. Default 2. */
  readonly directions?: number;
}

/** The result of `gradcheck`. */
export interface GradcheckReport {
  /** No derivative is wrong, no relevant input is cut off, and every value is finite. */
  readonly ok: boolean;
  /** What is wrong, one sentence each. */
  readonly problems: readonly string[];
  /** What a reader should know even if nothing is wrong. */
  readonly notes: readonly string[];
  readonly derivatives: readonly Derivative[];
}

/** Step sizes of the differences, relative to the size of the input: 2⁻² … 2⁻⁹. */
const LEVELS = [2, 3, 4, 5, 6, 7, 8, 9];

/**
 * Compares ∂⟨u, f⟩/∂x along random directions with central differences of fourth order, for each input separately; then
 * ∂⟨w, ∇f⟩/∂x, with differences of the gradient that was just verified. Values are float32, so it tries several step
 * sizes and trusts the one that agrees best with its neighbour. If no step size settles a difference, it is called
 * unclear, never right.
 *
 * It leaves the inputs unchanged. Give generic values: at a kink or a tie there is no derivative to find.
 *
 * @param inputs leaf tensors by name; each is made a variable
 * @throws RangeError if there is no input, or if one is the result of another op or not f32
 */
export async function gradcheck(
  f: Checked,
  inputs: Readonly<Record<string, Tensor>>,
  { order = 2, seed = 0, directions = 2 }: GradcheckOptions = {},
): Promise<GradcheckReport> {
  const check = new Check(f, inputs, new Random(seed, 'gradcheck'));
  try {
    return await check.run(order, directions);
  } finally {
    check.restore();
  }
}

type Recorded = Program<readonly Tensor[]>;

/** Runs a program, and reads its outputs. */
function valuesOf(program: Recorded): Promise<Float32Array[]> {
  return Promise.all(program.run().map((tensor) => tensor.data()));
}

class Check {
  readonly #f: Checked;
  readonly #inputs: Readonly<Record<string, Tensor>>;
  readonly #random: Random;
  readonly #names: readonly string[];
  readonly #wasVariable: readonly boolean[];
  readonly #derivatives: Derivative[] = [];
  readonly #problems: string[] = [];
  readonly #notes: string[] = [];
  #values = new Map<string, Float32Array>();

  constructor(f: Checked, inputs: Readonly<Record<string, Tensor>>, random: Random) {
    this.#f = f;
    this.#inputs = inputs;
    this.#random = random;
    this.#names = Object.keys(inputs);
    if (this.#names.length === 0) throw new RangeError('gradcheck: got no inputs, expected one.');
    for (const [name, x] of Object.entries(inputs)) {
      if (x.node || x.dtype !== 'f32') {
        const what = x.node ? `the result of ${nodeOf(x)?.op.name}` : x.dtype;
        throw new RangeError(
          `gradcheck: input ${name} is ${what}, expected a tensor of f32 values made with gpu.tensor.`,
        );
      }
    }
    this.#wasVariable = this.#names.map((name) => inputs[name].requiresGrad);
    for (const name of this.#names) inputs[name].requiresGrad = true;
  }

  async run(order: 1 | 2, directions: number): Promise<GradcheckReport> {
    for (const name of this.#names) this.#values.set(name, await this.#inputs[name].data());
    const cuts: Cut[] = [];
    const reached = new Set<string>();
    const value = await this.#gpu.capture(() => {
      const y = observeOps(cutsInto(cuts), () => this.#f(this.#inputs));
      for (const name of this.#names) if (dependsOn(y, this.#inputs[name])) reached.add(name);
      return [y];
    });
    try {
      const [y] = await valuesOf(value);
      const { shape } = value.outputs[0];
      const bad = y.find((v) => !Number.isFinite(v));
      if (bad !== undefined) {
        this.#problems.push(
          `The result ${formatShape(shape)} is not finite (${bad}); detectAnomaly names the op.`,
        );
        return this.#report();
      }
      const u = this.#gpu.keep(this.#gpu.tensor(this.#normal(y.length), shape));
      await this.#checkFirst(value, reached, u, cuts, directions);
      const proven = this.#derivatives.every(({ verdict }) => verdict !== 'wrong');
      if (order === 2 && proven && reached.size > 0) {
        await this.#checkSecond(reached, u, directions);
      }
      u.dispose();
    } finally {
      value.dispose();
    }
    return this.#report();
  }

  restore(): void {
    this.#names.forEach((name, i) => {
      const x = this.#inputs[name];
      const values = this.#values.get(name);
      if (values && !x.disposed) x.write(values);
      x.requiresGrad = this.#wasVariable[i];
    });
  }

  get #gpu() {
    return this.#inputs[this.#names[0]].gpu as Gpu; // there is no other TensorDevice
  }

  async #checkFirst(
    value: Recorded,
    reached: ReadonlySet<string>,
    u: Tensor,
    cuts: readonly Cut[],
    directions: number,
  ): Promise<void> {
    const weights = [await u.data()];
    for (const name of this.#names) {
      const x = this.#inputs[name];
      const [dx] = await this.#once(() =>
        grad(this.#f(this.#inputs), [x], { gradOutput: u, unused: 'zero' }),
      );
      for (let k = 0; k < directions; k++) {
        const v = this.#direction(name);
        const derivative = judge(name, 1, dx, v, await this.#difference(name, v, value, weights));
        this.#derivatives.push(derivative);
        if (derivative.verdict === 'right') {
          if (!reached.has(name)) this.#note(`The result does not depend on ${name}.`);
        } else if (derivative.verdict === 'unclear') this.#note(`${name}, order 1: ${UNCLEAR}`);
        else this.#problem(explain(derivative, reached.has(name), cuts));
      }
    }
  }

  /** The gradient of Σ_i ⟨w_i, ∂⟨u, f⟩/∂x_i⟩ for each input, compared with differences of that first gradient. */
  async #checkSecond(reached: ReadonlySet<string>, u: Tensor, directions: number): Promise<void> {
    const first = [...reached].map((name) => this.#inputs[name]);
    const w = first.map((x) => this.#gpu.keep(this.#gpu.tensor(this.#normal(x.size), x.shape)));
    const weights = await Promise.all(w.map((each) => each.data()));
    const options = { gradOutput: u, createGraph: true, unused: 'zero' } as const;
    const gradients = () => grad(this.#f(this.#inputs), first, options);
    const recorded = await this.#gpu.capture(gradients);
    try {
      for (const name of this.#names) {
        const x = this.#inputs[name];
        const pieces = await this.#once(() =>
          gradients().flatMap((g, i) => grad(g, [x], { gradOutput: w[i], unused: 'zero' })),
        );
        const total = Float64Array.from({ length: x.size }, (_, k) =>
          pieces.reduce((sum, piece) => sum + piece[k], 0),
        );
        for (let k = 0; k < directions; k++) {
          const v = this.#direction(name);
          const derivative = judge(
            name,
            2,
            total,
            v,
            await this.#difference(name, v, recorded, weights),
          );
          this.#derivatives.push(derivative);
          if (derivative.verdict === 'unclear') this.#note(`${name}, order 2: ${UNCLEAR}`);
          if (derivative.verdict === 'wrong') this.#problem(explain(derivative, true, []));
        }
      }
    } finally {
      recorded.dispose();
      for (const each of w) each.dispose();
    }
  }

  /** The values that `body` computes. All memory is freed. */
  async #once(body: () => readonly Tensor[]): Promise<Float32Array[]> {
    const program = await this.#gpu.capture(body);
    try {
      return await valuesOf(program);
    } finally {
      program.dispose();
    }
  }

  /** d/dt Σ ⟨outputs, weights⟩ with the input moved by t·v, at the step size that its neighbour confirms best. */
  async #difference(
    name: string,
    v: Float32Array,
    program: Recorded,
    weights: readonly Float32Array[],
  ): Promise<{ slope: number; uncertainty: number }> {
    const x = this.#inputs[name];
    const origin = this.#values.get(name) as Float32Array;
    const steps = LEVELS.map((level) => 2 ** -level);
    const least = steps[steps.length - 1];
    const places = new Set([0, ...steps.flatMap((h) => [-2 * h, -h, h, 2 * h])]);
    // All are queued before the first is awaited, because waiting costs more than the work.
    const measured = [...places].map(async (t): Promise<[number, Weighed]> => {
      x.write(origin.map((value, i) => value + t * v[i]));
      const parts = (await valuesOf(program)).map((y, i) => weigh(y, weights[i]));
      return [t, { value: sumOf(parts, 'value'), noise: sumOf(parts, 'noise') }];
    });
    const known = new Map(await Promise.all(measured));
    const at = (t: number): Weighed => known.get(t) as Weighed;
    let best = { slope: Number.NaN, uncertainty: Number.POSITIVE_INFINITY };
    let coarser: number | undefined;
    for (const h of steps) {
      const [a, b, c, d] = [at(-2 * h), at(-h), at(h), at(2 * h)];
      const slope = (a.value - 8 * b.value + 8 * c.value - d.value) / (12 * h);
      const noise = (a.noise + b.noise + c.noise + d.noise) / (4 * h);
      if (coarser !== undefined) {
        const uncertainty = Math.abs(slope - coarser) + noise;
        if (uncertainty < best.uncertainty) best = { slope, uncertainty };
      }
      coarser = slope;
    }
    // At a kink the two sides differ by more than curvature explains, however small the step.
    const bend = Math.abs(at(least).value - 2 * at(0).value + at(-least).value) / least;
    x.write(origin);
    return { slope: best.slope, uncertainty: best.uncertainty + bend / 2 };
  }

  /** Random, on the scale of the input's own values, so that a step is small compared with them. */
  #direction(name: string): Float32Array {
    const values = this.#values.get(name) as Float32Array;
    const size = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length) || 1;
    return this.#normal(values.length).map((v) => 0.1 * size * v);
  }

  #normal(size: number): Float32Array {
    return Float32Array.from({ length: size }, () => this.#random.normal());
  }

  #note(text: string): void {
    if (!this.#notes.includes(text)) this.#notes.push(text);
  }

  /** Two directions often find the same mistake. The first sentence about an input and order is enough. */
  #problem(text: string): void {
    const about = text.split(':')[0];
    if (!this.#problems.some((other) => other.split(':')[0] === about)) this.#problems.push(text);
  }

  #report(): GradcheckReport {
    return {
      ok: this.#problems.length === 0,
      problems: this.#problems,
      notes: this.#notes,
      derivatives: this.#derivatives,
    };
  }
}
