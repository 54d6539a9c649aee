// Elementwise kernels: one input, two inputs with broadcasting, and the strided copy behind shape ops.

import {
  defineKernel,
  foldGrid,
  type Kernel,
  type KernelArgs,
  linearGrid,
  linearMain,
  read,
  type Scalar,
  vectorGrid,
  vectorMain,
  type Workgroups,
  write,
} from './kernel.ts';

/** Elements per workgroup, from one long row or several short ones; a long row is cut into chunks of as many. */
const ROW_CHUNK = 1024;
const ROW_THREADS = 64;
/** Threads of a software adapter that run at once. */
const VECTOR = 8;
const LONG_ROW = 512;

const rowLength = (args: KernelArgs): number => args[`d${MAX_RANK - 1}`];

/** How a workgroup of a row kernel divides its rows: `wide` threads take each row, of `together` rows. */
const ROW_SHARE = { wide: 'u32', together: 'u32' } satisfies Record<string, Scalar>;

/**
 * The numbers of ROW_SHARE. On a GPU all threads take a row, so that they read side by side. On a software adapter
 * every vector of threads takes rows of its own: else each would find the place of every row.
 */
export function rowShare(args: KernelArgs, isSoftware: boolean): KernelArgs {
  const length = rowLength(args);
  const wide = isSoftware && length <= LONG_ROW ? VECTOR : ROW_THREADS;
  const atOnce = ROW_THREADS / wide;
  const together = atOnce * Math.max(1, Math.floor(ROW_CHUNK / (length * atOnce)));
  return { wide, together };
}

const rowGrid = (args: KernelArgs): Workgroups => {
  const rows = args.size / rowLength(args);
  return foldGrid(Math.ceil(rows / args.together) * Math.ceil(rowLength(args) / ROW_CHUNK));
};

/** Entry point of row kernels: `start` runs once per row with `rest`, the row; `body` for each `k` in it, `i` in y. */
const rowMain = (start: string, body: string): string => /* wgsl */ `
@compute @workgroup_size(${ROW_THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let length = params.d${MAX_RANK - 1};
  let chunks = (length + ${ROW_CHUNK - 1}u) / ${ROW_CHUNK}u;
  let chunk = group.x + group.y * groups.x;
  let first = chunk / chunks * params.together;
  let begin = chunk % chunks * ${ROW_CHUNK}u + lane % params.wide;
  let end = min(first + params.together, params.size / length);
  let row_end = min(length, (chunk % chunks + 1u) * ${ROW_CHUNK}u);
  for (var row = first + lane / params.wide; row < end; row += ${ROW_THREADS}u / params.wide) {
    var rest = row;
${start}
    for (var k = begin; k < row_end; k += params.wide) {
      let i = row * length + k;
${body}
    }
  }
}
`;

/** Rows are faster only if every workgroup has work in each row. */
export const ROW_LEAST = 48;

/** The element type that an expression is written for, so that one text serves scalars and vectors. */
const element = (type: 'f32' | 'vec4f'): string => {
  const [bits, flags] = type === 'f32' ? ['u32', 'bool'] : ['vec4u', 'vec4<bool>'];
  return /* wgsl */ `
alias T = ${type};
const ZERO = T(0.0);
const ONE = T(1.0);
// By bit pattern, because a driver may assume that v != v is false.
fn is_nan(v: T) -> ${flags} { return (bitcast<${bits}>(v) & ${bits}(0x7fffffffu)) > ${bits}(0x7f800000u); }
`;
};

/** y = f(v); `functions` are what the expression calls, written for T. */
export function unary(label: string, expression: string, functions = ''): Kernel {
  return defineKernel({
    label,
    bindings: { x: read('vec4f'), y: write('vec4f') },
    params: { size: 'u32', a: 'f32', b: 'f32' },
    workgroups: vectorGrid,
    wgsl:
      element('vec4f') +
      functions +
      vectorMain(/* wgsl */ `
  let v = x[i];
  let a = params.a;
  let b = params.b;
  let r = ${expression};`),
  });
}

/** `a` and `b` are attributes of the op. Comparisons are written so that NaN stays NaN. */
export const unaryKernels = {
  scaleShift: unary('scale_shift', 'a * v + b'),
  exp: unary('exp', 'exp(v)'),
  log: unary('log', 'log(v)'),
  sqrt: unary('sqrt', 'sqrt(v)'),
  reciprocal: unary('reciprocal', '1.0 / v'),
  square: unary('square', 'v * v'),
  abs: unary('abs', 'abs(v)'),
  sign: unary('sign', 'sign(v)'),
  step: unary('step', 'select(ZERO, ONE, v > ZERO)'),
  relu: unary('relu', 'select(v, ZERO, v <= ZERO)'),
  sigmoid: unary('sigmoid', '1.0 / (1.0 + exp(-v))'),
  tanh: unary('tanh', 'select(tanh(v), sign(v), abs(v) > 15.0 * ONE)'),
} satisfies Record<string, Kernel>;

/** Most dimensions that a broadcast or a strided copy can have once neighbours are merged. */
export const MAX_RANK = 6;

const AXES = Array.from({ length: MAX_RANK }, (_, axis) => axis);

const perAxis = <T extends Scalar>(name: string, type: T): Record<string, T> =>
  Object.fromEntries(AXES.map((axis) => [`${name}${axis}`, type]));

/**
 * Takes the index `i` of y apart, last axis first, and runs `body` with `k`, the index along `axis`.
 * Only the last RANK axes exist; integer division is expensive, so the others must cost nothing. `outer`
 * leaves out the last axis.
 */
const eachAxis = (body: (axis: number) => string, outer = false): string =>
  AXES.slice(0, outer ? -1 : undefined)
    .reverse()
    .map(
      (axis) => /* wgsl */ `
  if (${MAX_RANK - axis}u <= RANK) {
    let next = select(rest / params.d${axis}, 0u, ${MAX_RANK - axis}u == RANK);
    let k = rest - next * params.d${axis};
    rest = next;
    ${body(axis)}
  }`,
    )
    .join('');

export interface BinaryKernels {
  readonly same: Kernel;
  readonly broadcast: Kernel;
  readonly rows: Kernel;
}

function binary(label: string, expression: string): BinaryKernels {
  const same = defineKernel({
    label,
    bindings: { a: read('vec4f'), b: read('vec4f'), y: write('vec4f') },
    params: { size: 'u32' },
    workgroups: vectorGrid,
    wgsl:
      element('vec4f') +
      vectorMain(/* wgsl */ `
  let u = a[i];
  let v = b[i];
  let r = ${expression};`),
  });
  // s and t are the strides of a and b: 0 along a broadcast axis.
  const broadcast = defineKernel({
    label: `${label}_broadcast`,
    bindings: { a: read(), b: read(), y: write() },
    params: { size: 'u32', ...perAxis('d', 'u32'), ...perAxis('s', 'u32'), ...perAxis('t', 'u32') },
    constants: { RANK: 'u32' },
    workgroups: linearGrid,
    wgsl:
      element('f32') +
      linearMain(/* wgsl */ `
  var rest = i;
  var at_a = 0u;
  var at_b = 0u;
${eachAxis((axis) => `at_a += k * params.s${axis}; at_b += k * params.t${axis};`)}
  let u = a[at_a];
  let v = b[at_b];
  y[i] = ${expression};`),
  });
  // The same row by row along the last axis: the other axes are computed once per row, and what is the same for a
  // whole row is loaded once. A_STEP and B_STEP, 0 or 1, are the strides along it.
  const rows = defineKernel({
    ...broadcast,
    label: `${label}_rows`,
    params: { ...broadcast.params, ...ROW_SHARE },
    constants: { ...broadcast.constants, A_STEP: 'u32', B_STEP: 'u32' },
    workgroups: rowGrid,
    wgsl:
      element('f32') +
      rowMain(
        /* wgsl */ `
  var at_a = 0u;
  var at_b = 0u;
${eachAxis((axis) => `at_a += k * params.s${axis}; at_b += k * params.t${axis};`, true)}
  var u = a[at_a];
  var v = b[at_b];`,
        /* wgsl */ `
  if (A_STEP == 1u) { u = a[at_a + k]; }
  if (B_STEP == 1u) { v = b[at_b + k]; }
  y[i] = ${expression};`,
      ),
  });
  return { same, broadcast, rows };
}

/** y = f(u, v) with u from a and v from b, numpy broadcasting. */
export const binaryKernels = {
  add: binary('add', 'u + v'),
  addRelu: binary('add_relu', 'select(u + v, ZERO, u + v <= ZERO)'),
  sub: binary('sub', 'u - v'),
  mul: binary('mul', 'u * v'),
  div: binary('div', 'u / v'),
  maximum: binary('maximum', 'select(v, u, (u > v) | is_nan(u))'),
  minimum: binary('minimum', 'select(v, u, (u < v) | is_nan(u))'),
  greater: binary('greater', 'select(ZERO, ONE, u > v)'),
  equal: binary('equal', 'select(ZERO, ONE, u == v)'),
  reluInputGrad: binary('relu_input_grad', 'select(u, ZERO, v <= ZERO)'),
};

const copyAxis = (axis: number): string =>
  `at += i32(k) * params.s${axis}; inside = inside && k >= params.lo${axis} && k < params.hi${axis};`;

const stridedParams = {
  size: 'u32',
  offset: 'i32',
  ...perAxis('d', 'u32'),
  ...perAxis('s', 'i32'),
  ...perAxis('lo', 'u32'),
  ...perAxis('hi', 'u32'),
} satisfies Record<string, Scalar>;

/**
 * y[i0, i1, …] = x[offset + Σ i_d s_d] where every lo_d ≤ i_d < hi_d, else 0: permute, slice, pad and
 * broadcast in one kernel.
 */
export const stridedCopy = defineKernel({
  label: 'strided_copy',
  bindings: { x: read(), y: write() },
  params: stridedParams,
  constants: { RANK: 'u32' },
  workgroups: linearGrid,
  wgsl: linearMain(/* wgsl */ `
  var rest = i;
  var at = params.offset;
  var inside = true;
${eachAxis(copyAxis)}
  y[i] = select(0.0, x[u32(max(at, 0))], inside);`),
});

/** The same for long last axes, row by row. HELD: 1 if a row is one number over and over, otherwise 0. */
export const stridedCopyRows = defineKernel({
  ...stridedCopy,
  label: 'strided_copy_rows',
  params: { ...stridedParams, ...ROW_SHARE },
  constants: { ...stridedCopy.constants, HELD: 'u32' },
  workgroups: rowGrid,
  wgsl: rowMain(
    /* wgsl */ `
  var at = params.offset;
  var inside = true;
${eachAxis(copyAxis, true)}
  let row_at = at;
  let row_inside = inside;
  var value = select(0.0, x[u32(max(at, 0))], inside);`,
    /* wgsl */ `
    if (HELD == 0u) {
      var at = row_at;
      var inside = row_inside;
      ${copyAxis(MAX_RANK - 1)}
      value = select(0.0, x[u32(max(at, 0))], inside);
    }
    y[i] = value;`,
  ),
});
