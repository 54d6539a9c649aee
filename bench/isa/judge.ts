// What GPU compilers make of the kernels: every variant that an op or a step asks for, each strategy at some shapes.

import { kernelSource } from '../../kernels/index.ts';
import { type Launch, observeLaunches } from '../../tests/support/launches.ts';
import { CARDS, type ModelTime, modelTime } from './cards.ts';
import { type ShapeCase, shapeCases } from './cases.ts';
import { type Counts, executed } from './code.ts';
import { type Compiled, Compiler } from './compiler.ts';
import { mergedLaunches } from './merged.ts';

/** A GPU as Mesa's RADV names it. */
export interface Family {
  readonly name: string;
  readonly title: string;
}

export const FAMILIES: readonly Family[] = [
  { name: 'navi21', title: 'RDNA 2' },
  { name: 'navi31', title: 'RDNA 3' },
  { name: 'gfx1201', title: 'RDNA 4' },
  { name: 'vega10', title: 'GCN' },
];

/** A kernel with its constants fixed, compiled. */
export interface Variant extends Omit<Compiled, 'assembly'> {
  readonly name: string;
}

/** A launch of a shape. */
export interface Judged extends Variant {
  readonly usual: boolean;
  /** What one wave executes. */
  readonly counts: Counts;
  /** On the family's card. */
  readonly model: ModelTime;
}

export interface Verdict {
  readonly family: Family;
  readonly variants: readonly Variant[];
  readonly shapes: readonly Judged[];
}

/** Multiply-adds among all instructions that a workgroup executes. */
export const issueShare = ({ multiplyAdds, instructions }: Counts): number =>
  multiplyAdds / instructions;

/** Made for software adapters, whose sums are in memory, and given to no GPU. */
const isForSoftware = ({ kernel }: Launch): boolean =>
  /^(contract_(memory|subgroup)|conv_rows_weight_grad)/.test(kernel.label);

const variantName = ({ kernel, args }: Pick<Launch, 'kernel' | 'args'>): string =>
  [kernel.label, ...Object.keys(kernel.constants).map((name) => args[name])].join(' ');

/** Compiles everything for each family. The device is only asked for memory. */
export function judge(device: GPUDevice, families: readonly Family[]): Verdict[] {
  const launches = observeLaunches(device).filter((launch) => !isForSoftware(launch));
  const cases = shapeCases(device);
  const all = [...launches, ...cases.map(({ launch }) => launch), ...mergedLaunches(device)];
  const sources = new Map(
    all.map((launch) => [variantName(launch), kernelSource(launch.kernel, launch.args)]),
  );
  const compiler = new Compiler([...sources].map(([name, code]) => ({ name, code })));
  try {
    return families.map((family) => {
      const compiled = compiler.compile(family.name);
      const variants = [...compiled].map(([name, { assembly: _, ...rest }]) => ({ name, ...rest }));
      return { family, variants, shapes: cases.map((kase) => judged(family, kase, compiled)) };
    });
  } finally {
    compiler.dispose();
  }
}

function judged(
  family: Family,
  { name, launch, trips, usual }: ShapeCase,
  compiled: ReadonlyMap<string, Compiled>,
): Judged {
  const { assembly, ...rest } = compiled.get(variantName(launch)) as Compiled;
  try {
    const counts = executed(assembly, trips);
    const load = { counts, workgroups: product(launch.kernel.workgroups(launch.args)) };
    const model = modelTime(CARDS[family.name], { ...load, ...sizeOf(launch) });
    return { name, usual, ...rest, counts, model };
  } catch (error) {
    throw new RangeError(`${name}: ${(error as Error).message}`, { cause: error });
  }
}

const product = (numbers: readonly number[]): number => numbers.reduce((a, b) => a * b, 1);

function sizeOf({ kernel, args, sizes }: Launch): { threads: number; bytes: number } {
  const size = /@workgroup_size\((\w+)\)/.exec(kernel.wgsl)?.[1] ?? '1';
  const words = Object.values(sizes).reduce((sum, count) => sum + count, 0);
  return { threads: args[size] ?? Number(size), bytes: 4 * words };
}
