// Elementwise kernels: one input, two inputs with broadcasting, and the strided copy behind shape ops.

import {
  defineKernel,
  type Kernel,
  linearGrid,
  linearMain,
  read,
  type Scalar,
  write,
} from './kernel.ts';

function unary(label: string, expression: string): Kernel {
  return defineKernel({
    label,
    bindings: { x: read(), y: write() },
    params: { size: 'u32', a: 'f32', b: 'f32' },
    workgroups: linearGrid,
    wgsl: linearMain(/* wgsl */ `
  let v = x[i];
  let a = params.a;
  let b = params.b;
  y[i] = ${expression};`),
  });
}

/** y = f(v); `a` and `b` are attributes of the op. Comparisons are written so that NaN stays NaN. */
export const unaryKernels = {
  affine: unary('affine', 'a * v + b'),
  exp: unary('exp', 'exp(v)'),
  log: unary('log', 'log(v)'),
  sqrt: unary('sqrt', 'sqrt(v)'),
  reciprocal: unary('reciprocal', '1.0 / v'),
  square: unary('square', 'v * v'),
  abs: unary('abs', 'abs(v)'),
  sign: unary('sign', 'sign(v)'),
  step: unary('step', 'select(0.0, 1.0, v > 0.0)'),
  relu: unary('relu', 'select(v, 0.0, v <= 0.0)'),
  sigmoid: unary('sigmoid', '1.0 / (1.0 + exp(-v))'),
  tanh: unary('tanh', 'select(tanh(v), sign(v), abs(v) > 15.0)'),
} satisfies Record<string, Kernel>;

/** Most dimensions that a broadcast or a strided copy can have once neighbours are merged. */
export const MAX_RANK = 6;

const AXES = Array.from({ length: MAX_RANK }, (_, axis) => axis);

const perAxis = <T extends Scalar>(name: string, type: T): Record<string, T> =>
  Object.fromEntries(AXES.map((axis) => [`${name}${axis}`, type]));

/**
 * Takes the index `i` of y apart, last axis first, and runs `body` with `k`, the index along `axis`.
 * Only the last RANK axes exist; integer division is dear, so the others must cost nothing.
 */
const eachAxis = (body: (axis: number) => string): string =>
  [...AXES]
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

function binary(label: string, expression: string): { same: Kernel; broadcast: Kernel } {
  const same = defineKernel({
    label,
    bindings: { a: read(), b: read(), y: write() },
    params: { size: 'u32' },
    workgroups: linearGrid,
    wgsl: linearMain(/* wgsl */ `
  let u = a[i];
  let v = b[i];
  y[i] = ${expression};`),
  });
  // s and t are the strides of a and b: 0 along a broadcast axis.
  const broadcast = defineKernel({
    label: `${label}_broadcast`,
    bindings: { a: read(), b: read(), y: write() },
    params: { size: 'u32', ...perAxis('d', 'u32'), ...perAxis('s', 'u32'), ...perAxis('t', 'u32') },
    constants: { RANK: 'u32' },
    workgroups: linearGrid,
    wgsl: linearMain(/* wgsl */ `
  var rest = i;
  var at_a = 0u;
  var at_b = 0u;
${eachAxis((axis) => `at_a += k * params.s${axis}; at_b += k * params.t${axis};`)}
  let u = a[at_a];
  let v = b[at_b];
  y[i] = ${expression};`),
  });
  return { same, broadcast };
}

/** y = f(u, v) with u from a and v from b, numpy broadcasting. */
export const binaryKernels = {
  add: binary('add', 'u + v'),
  sub: binary('sub', 'u - v'),
  mul: binary('mul', 'u * v'),
  div: binary('div', 'u / v'),
  maximum: binary('maximum', 'select(v, u, u > v)'),
  minimum: binary('minimum', 'select(v, u, u < v)'),
  greater: binary('greater', 'select(0.0, 1.0, u > v)'),
  equal: binary('equal', 'select(0.0, 1.0, u == v)'),
  reluInputGrad: binary('relu_input_grad', 'select(u, 0.0, v <= 0.0)'),
};

/**
 * y[i0, i1, …] = x[offset + Σ i_d s_d] where every lo_d ≤ i_d < hi_d, else 0: permute, slice, pad and
 * broadcast in one kernel.
 */
export const stridedCopy = defineKernel({
  label: 'strided_copy',
  bindings: { x: read(), y: write() },
  params: {
    size: 'u32',
    offset: 'i32',
    ...perAxis('d', 'u32'),
    ...perAxis('s', 'i32'),
    ...perAxis('lo', 'u32'),
    ...perAxis('hi', 'u32'),
  },
  constants: { RANK: 'u32' },
  workgroups: linearGrid,
  wgsl: linearMain(/* wgsl */ `
  var rest = i;
  var at = params.offset;
  var inside = true;
${eachAxis(
  (axis) =>
    `at += i32(k) * params.s${axis}; inside = inside && k >= params.lo${axis} && k < params.hi${axis};`,
)}
  y[i] = select(0.0, x[u32(max(at, 0))], inside);`),
});

/** y[i] = value. */
export const fill = defineKernel({
  label: 'fill',
  bindings: { y: write() },
  params: { size: 'u32', value: 'f32' },
  workgroups: linearGrid,
  wgsl: linearMain('  y[i] = params.value;'),
});
