// The description of a compute kernel: one object serves the op, the tests and the benchmark.

import { unroll } from './unroll.ts';

/** WGSL element type of a storage binding. */
export type Element = 'f32' | 'u32' | 'vec2f' | 'vec4f' | 'vec4h';

/** How a kernel uses a storage buffer: `read`, `write` (every element is written) or `update` (read, then written). */
export interface Binding {
  readonly access: 'read' | 'write' | 'update';
  readonly element: Element;
}

/** Type of a param or constant. */
export type Scalar = 'u32' | 'i32' | 'f32';

/** The numbers of a dispatch: its params and its constants, by name. */
export type KernelArgs = Readonly<Record<string, number>>;

/** Workgroup counts; each at most 65,535, the limit that WebGPU guarantees. */
export type Workgroups = readonly [number, number, number];

/** A compute kernel: its WGSL, what it binds, and how many workgroups it takes. */
export interface Kernel {
  /** Unique name; it labels the module, the pipeline and every error message. */
  readonly label: string;
  /** Storage buffers in binding order; the keys are the names in the WGSL. */
  readonly bindings: Readonly<Record<string, Binding>>;
  /** Fields of the uniform struct `params`: what varies from dispatch to dispatch. */
  readonly params: Readonly<Record<string, Scalar>>;
  /** Names of module constants: what varies from pipeline to pipeline (tile and window sizes). */
  readonly constants: Readonly<Record<string, Scalar>>;
  /** It uses subgroup operations: the device must have the feature `subgroups`. */
  readonly subgroups?: boolean;
  /** It takes many registers or much workgroup memory: kernels in the same launch would have few threads. */
  readonly bulky?: boolean;
  /** The body: functions and the entry point `main`. `@unroll` loops are written out, declarations put above it. */
  readonly wgsl: string;
  readonly workgroups: (args: KernelArgs) => Workgroups;
}

/** A storage buffer that the kernel reads. */
export const read = (element: Element = 'f32'): Binding => ({ access: 'read', element });
/** A storage buffer of which the kernel writes every element. */
export const write = (element: Element = 'f32'): Binding => ({ access: 'write', element });
/** A storage buffer that the kernel reads and writes. */
export const update = (element: Element = 'f32'): Binding => ({ access: 'update', element });

/** Completes a description with empty params and constants. */
export function defineKernel(
  kernel: Omit<Kernel, 'params' | 'constants'> & Partial<Pick<Kernel, 'params' | 'constants'>>,
): Kernel {
  return { params: {}, constants: {}, ...kernel };
}

const MAX_WORKGROUPS = 65535;

/** Workgroups for kernels built with `linearMain`. */
export const linearGrid = ({ size }: KernelArgs): Workgroups =>
  foldGrid(Math.ceil(size / (LINEAR_SIZE * ITEMS)));

/** Workgroups for kernels built with `vectorMain`. */
export const vectorGrid = ({ size }: KernelArgs): Workgroups =>
  foldGrid(Math.ceil(size / (LINEAR_SIZE * VECTORS * 4)));

/**
 * `groups` workgroups, folded into two dimensions where one would pass the limit. A kernel finds its
 * number as `group.x + group.y * groups.x`, which may be past the last one.
 */
export function foldGrid(groups: number): Workgroups {
  const rows = Math.max(1, Math.ceil(groups / MAX_WORKGROUPS));
  return [Math.max(1, Math.ceil(groups / rows)), rows, 1];
}

/** Invocations per workgroup in kernels over independent items. */
const LINEAR_SIZE = 64;
/** Items per invocation. Starting a workgroup costs a software adapter about as much as a hundred loads. */
const ITEMS = 8;
/** Vectors (vec4) per invocation. */
const VECTORS = 4;

/**
 * Entry point for independent items: `body` is run for each `i` below `params.size`, and must not return. The loop's
 * end is not a constant, so that no compiler unrolls it: eight copies of a body take eight times as long to compile.
 */
export const linearMain = (body: string): string => /* wgsl */ `
@compute @workgroup_size(${LINEAR_SIZE})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let begin = (group.x + group.y * groups.x) * ${LINEAR_SIZE * ITEMS}u;
  let end = min(params.size, begin + ${LINEAR_SIZE * ITEMS}u);
  for (var i = begin + lane; i < end; i += ${LINEAR_SIZE}u) {
${body}
  }
}
`;

/**
 * Entry point for elementwise kernels over `array<vec4f>`: `body` computes \`r\`, the vec4 at \`i\` of y. Of
 * the last one, only elements below `params.size` are stored.
 */
export const vectorMain = (body: string): string => /* wgsl */ `
@compute @workgroup_size(${LINEAR_SIZE})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let first = (group.x + group.y * groups.x) * ${LINEAR_SIZE * VECTORS}u + lane;
  for (var item = 0u; item < ${VECTORS}u; item++) {
    let i = first + item * ${LINEAR_SIZE}u;
    if (4u * i < params.size) {
${body}
      if (4u * i + 4u <= params.size) { y[i] = r; } else {
        for (var c = 0u; c < params.size - 4u * i; c++) { y[i][c] = r[c]; }
      }
    }
  }
}
`;

/**
 * Statements that fold `lanes` values into one, pairwise and in a fixed order: `step` runs for each `at` below `half`,
 * and takes the value at `at + half`. `threads` invocations share this work, by default as many as values. `some` is a
 * param that is at least 1. It keeps the loop's bound from being a constant, so that no compiler unrolls the loop. A
 * software adapter suspends and resumes all vectors of threads of the workgroup at every barrier in the code.
 */
export const foldLanes = (
  lanes: number,
  some: string,
  step: string,
  threads = lanes,
): string => /* wgsl */ `
  for (var half = ${lanes / 2}u * min(${some}, 1u); half > 0u; half /= 2u) {
    workgroupBarrier();
    for (var at = lane; at < half; at += ${threads}u) { ${step} }
  }
  workgroupBarrier();`;

/** The device must have the feature `shader-f16`. */
const usesHalf = ({ bindings }: Kernel): boolean =>
  Object.values(bindings).some(({ element }) => element === 'vec4h');

/**
 * The whole WGSL of a kernel: constants, storage bindings and the uniform struct, generated from the
 * description so that names cannot drift, then the body.
 *
 * Constants are module-scope `const`, not `override`: only a `const` can size a private array, which
 * register tiles need.
 */
export function kernelSource(kernel: Kernel, args: KernelArgs): string {
  const lines: string[] = [];
  if (usesHalf(kernel)) lines.push('enable f16;');
  // Values shared by a subgroup are uniform because of their index arithmetic. The analysis cannot see that.
  if (kernel.subgroups) lines.push('enable subgroups;', 'diagnostic(off, subgroup_uniformity);');
  for (const [name, type] of Object.entries(kernel.constants)) {
    lines.push(`const ${name}: ${type} = ${literal(argument(kernel, args, name), type)};`);
  }
  let slot = 0;
  for (const [name, { access, element }] of Object.entries(kernel.bindings)) {
    const mode = access === 'read' ? 'read' : 'read_write';
    lines.push(`@group(0) @binding(${slot++}) var<storage, ${mode}> ${name}: array<${element}>;`);
  }
  const fields = Object.entries(kernel.params);
  if (fields.length > 0) {
    lines.push(`struct Params { ${fields.map(([name, type]) => `${name}: ${type}`).join(', ')} }`);
    lines.push(`@group(0) @binding(${slot}) var<uniform> params: Params;`);
  }
  return `${lines.join('\n')}\n${unroll(kernel.wgsl, args)}`;
}

/** The bytes of the uniform struct, fields in order, padded to 16 bytes. */
export function paramBytes(kernel: Kernel, args: KernelArgs): ArrayBuffer {
  const fields = Object.entries(kernel.params);
  const bytes = new ArrayBuffer(Math.max(16, Math.ceil(fields.length / 4) * 16));
  const view = new DataView(bytes);
  fields.forEach(([name, type], i) => {
    const value = argument(kernel, args, name);
    if (type === 'f32') view.setFloat32(i * 4, value, true);
    else if (type === 'i32') view.setInt32(i * 4, value, true);
    else view.setUint32(i * 4, value, true);
  });
  return bytes;
}

function argument(kernel: Kernel, args: KernelArgs, name: string): number {
  const value = args[name];
  if (value === undefined) throw new TypeError(`${kernel.label}: argument ${name} is missing.`);
  return value;
}

function literal(value: number, type: Scalar): string {
  if (type !== 'f32') return `${value}${type === 'u32' ? 'u' : 'i'}`;
  return Number.isInteger(value) ? `${value}.0f` : `${value}f`;
}
