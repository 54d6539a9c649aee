// Deliberate mistakes in kernels.
import {
  CONTRACTIONS,
  inFile,
  LAYERS,
  type Mutation,
  opTest,
  REARRANGED,
  ROWS,
} from './mutation.ts';

const activations = inFile('kernels/activations.ts', opTest('activations'));
const anomaly = inFile('kernels/anomaly.ts', 'tests/engine/autodiff/anomaly.test.ts');
const pack = inFile('kernels/pack.ts', opTest('matmul'));
const contract = inFile('kernels/contract.ts', opTest('conv/index'));
const tiled = inFile('kernels/contract-tiled.ts', CONTRACTIONS);
const stores = inFile('kernels/contraction.ts', CONTRACTIONS);
const rows = inFile('kernels/conv-rows.ts', ROWS);
const grey = inFile('kernels/conv-rows-grey.ts', ROWS);
const rowsParts = inFile('kernels/conv-rows-parts.ts', ROWS);
const rowsShared = inFile('kernels/conv-rows-shared.ts', ROWS);
const winograd = inFile('kernels/winograd.ts', REARRANGED);
const kernel = inFile('kernels/kernel.ts', opTest('elementwise'));
const elementwise = inFile('kernels/elementwise.ts', opTest('elementwise'));
const copy = inFile('kernels/copy.ts', 'tests/engine/core/memory-plan.test.ts');
const dropout = inFile('kernels/dropout.ts', opTest('dropout'));
const gradients = inFile('kernels/gradients.ts', 'tests/model/gradient-mix.test.ts');
const indexing = inFile('kernels/indexing.ts', opTest('indexing'));
const norm = inFile('kernels/norm.ts', opTest('norm'));
const pool = inFile('kernels/pooling.ts', opTest('pooling'));
const halves = inFile('kernels/pooling-halves.ts', opTest('pooling'));
const reduce = inFile('kernels/reduce.ts', opTest('reduce'));
const relevance = inFile('kernels/relevance.ts', opTest('relevance'));
const resize = inFile('kernels/resize.ts', opTest('resize'));
const saliency = inFile('kernels/saliency.ts', opTest('saliency'));
const softmax = inFile('kernels/softmax.ts', opTest('softmax'));
const optimizer = inFile('kernels/optimizer.ts', 'tests/model/optimizer.test.ts');

const merge = inFile('kernels/merge.ts', 'tests/engine/core/launch-plan.test.ts');

export const kernelMutations: readonly Mutation[] = [
  merge('number -= count;', ''),
  merge('if (number < count)', 'if (number <= count)'),
  merge(
    'suffixed({ ...args, across, down, deep }, part)',
    'suffixed({ ...args, across: down, down, deep }, part)',
  ),

  activations(
    'return select(near, sign(v) * far, abs(v) > ONE);',
    'return select(near, far, abs(v) > ONE);',
  ),
  activations('(1.0 + erf(0.70710678 * v))', '(1.0 + erf(v))'),
  activations('0.044715 * v * v * v', '0.044715 * v * v'),
  activations("'v / (1.0 + exp(-v))'", "'1.0 / (1.0 + exp(-v))'"),
  activations('log1p(exp(-abs(v)))', 'log1p(exp(-v))'),
  activations("'select(v, a * v, v <= ZERO)'", "'select(v, -a * v, v <= ZERO)'"),
  activations('(v >= T(a)) & (v <= T(b))', '(v >= T(a)) & (v < T(b))'),
  activations('return select(result, ONE / result, T(n) < ZERO);', 'return result;'),
  activations("'select(select(v * (v / 6.0 + 0.5), v,", "'select(select(v * (v / 6.0 + 0.5), ONE,"),
  activations("'select(select(v / 3.0 + 0.5,", "'select(select(v / 6.0 + 0.5,"),
  activations("'select(select(v / 6.0 + 0.5, ONE,", "'select(select(v / 3.0 + 0.5, ONE,"),
  activations('base *= base;', 'base *= v;'),

  gradients('counts[at / ', '64u + 0u * counts[at / '),
  gradients('gh += g[at] * h[at];', 'gh += h[at] * h[at];'),
  gradients('(gh < 0.0)', '(gh > 0.0)'),
  gradients('products[0] - a * gh', 'products[0]'),
  gradients('select(factor[0], factor[0] * (most / length), capped)', 'factor[0]'),

  anomaly('found[params.slot] = at + 1u;', 'found[params.slot] = at;'),

  pack('x[at.w]), r <= last)', 'x[at.w]), r < last)'),
  pack('b * params.b_step', 's * params.b_step'),
  contract('wa[j].z * xa + wb[j].z * xb', 'wa[j].z * xa + wb[j].y * xb', opTest('matmul')),
  contract('inside[i] & second)', 'inside[i])', opTest('matmul')),
  contract('let y = row[i] + ky * params.step;', 'let y = row[i] + (ky + 1) * params.step;'),
  contract('& (iy * DIVISOR == y) & (ix * DIVISOR == x)', '& (ix * DIVISOR == x)'),
  contract(
    'min(params.depth, k_first + params.depth_chunk)',
    'k_first + params.depth_chunk',
    CONTRACTIONS,
  ),
  contract('min(params.taps, tap_first + params.tap_chunk)', 'tap_first + params.tap_chunk'),

  stores(
    'y[at + min(2u, last) * params.y_batch] = sum.z',
    'y[at + min(1u, last) * params.y_batch] = sum.z',
  ),
  contract(
    'p_first + i < params.pixels && o_first * 4u + o < params.outs',
    'p_first + i < params.pixels',
    CONTRACTIONS,
  ),
  contract(
    '@unroll for (var o = 0u; o < OUTS * 4u;',
    '@unroll for (var o = 0u; o < OUTS;',
    CONTRACTIONS,
  ),
  tiled('let w_s = lane / TILE_O;', 'let w_s = lane / TILE_P;'),
  tiled('let tap = tap_first + s / depth;', 'let tap = tap_first + s % depth;'),
  tiled('x_k[v] -= select(0u, depth, wraps);', ''),
  tiled('x_kx_ky[v].x -= select(0, kw, turns);', ''),
  tiled('x_kx_ky[v].y += ky_skip + select(0, 1, turns);', 'x_kx_ky[v].y += ky_skip;'),
  tiled('kx_ky = vec2i(0, kx_ky.y + 1);', 'kx_ky = vec2i(0, kx_ky.y);'),
  tiled('w_at += w_wrap;', ''),
  tiled('(k + x_s) * params.x_depth', 'x_s * params.x_depth'),
  tiled('w_skip + select(0u, w_wrap, wraps)', 'w_skip'),
  tiled('let w_wrap = params.w_tap - depth * params.w_depth;', 'let w_wrap = params.w_tap;'),
  tiled('select(vec4f(), x_new[v], x_inside[v])', 'x_new[v]'),
  tiled('sums[q + 2u] += wv.z * xv[i];', 'sums[q + 2u] += wv.y * xv[i];'),
  tiled('& (iy * DIVISOR == y) & (ix * DIVISOR == c)', '& (iy * DIVISOR == y)'),
  rows('column / DIVISOR * DIVISOR == column', 'true'),
  grey('select(mine1[t], mine0[t], o <', 'select(mine0[t], mine0[t], o <'),
  grey(
    'let first_row = i32(i) * params.scale + params.offset;',
    'let first_row = i32(i) * params.scale;',
  ),
  grey('x_quads[u * KW + v] = quad;', 'x_quads[u * KW] = quad;'),
  grey('mine1[t] = w[w_at + min(', 'mine1[t] = w[w_at + 0u * min('),
  grey('let at = y_row + o * params.oh', 'let at = y_row + 0u * o * params.oh'),
  grey('sum += subgroupShuffle(', 'sum = subgroupShuffle('),
  grey('min((band - image * bands) *', 'min(band *'),
  rows(
    'vec4f(quad.yzw, x_at(row, column + 3 * params.scale))',
    'vec4f(quad.yzw, x_at(row, column + 2 * params.scale))',
  ),
  rows(
    'select(r + KH - 1u - s, s - r, STEP > 0)',
    'select(s - r, s - r, STEP > 0)',
    opTest('conv/index'),
  ),
  rows('r < min(4u, params.oh - i_first)', 'r < 4u', 'tests/kernels/bounds.test.ts'),
  rows(
    'sums[o * KH * KW + t] += quad * x_quads[t];',
    'sums[o * KH * KW + t] += quad * x_quads[0];',
  ),
  rows('let inside = iy < params.h;', 'let inside = true;'),
  rows('q < outs * KH * KW', 'q < OUTS * KH * KW', 'tests/kernels/bounds.test.ts'),
  rows('q / (KH * KW) * stride', 'q / KW * stride'),
  grey('t < params.kh * KW', 't < KW'),
  rowsParts('params.chunks % bands;', 'params.chunks % 1u;'),
  rowsParts('vec4u(0u, 1u, 2u, 3u) < vec4u(columns)', 'vec4u(0u, 1u, 2u, 3u) <= vec4u(columns)'),
  rowsShared('columns_in[t] = at < params.w_in;', 'columns_in[t] = at <= params.w_in;'),
  rowsShared('(leftmost + apart) / DIVISOR * DIVISOR == leftmost + apart', 'true'),
  rowsShared('+= weights.z * quad;', '+= weights.y * quad;'),
  rowsShared(
    'min(OUTS * 4u - 1u - r, outs - 1u)',
    'OUTS * 4u - 1u - r',
    'tests/kernels/bounds.test.ts',
  ),
  rowsShared('values[t] = values[t + 4u];', 'values[t] = values[t + 3u];'),
  rowsShared('+= quad.w * values[t + 3u];', '+= quad.w * values[t + 2u];'),
  rowsShared('i -= select(0u, params.oh, i >= params.oh);', ''),
  rowsShared('select(i32(r + KH - 1u) - i32(s), i32(s) - i32(r), STEP > 0)', 'i32(s) - i32(r)'),
  rowsShared('rows_in[s] = u32(top + i32(s)) < params.h;', 'rows_in[s] = true;'),
  winograd('d.z - d.y, d.y - d.w', 'd.y - d.z, d.y - d.w'),
  winograd('0.5 * (a - b + c)', '0.5 * (a + b - c)'),
  winograd('let bottom = m1 - m2 - m3;', 'let bottom = m1 - m2 + m3;'),

  contract(
    'w_first[j] = min(o_first + j, params.outs4 - 1u)',
    'w_first[j] = min(o_first, params.outs4 - 1u)',
    CONTRACTIONS,
  ),
  contract('subgroupBroadcast(mine, ', 'subgroupBroadcast(mine + mine, ', CONTRACTIONS),

  copy('let r = x[i];', 'let r = x[0];'),
  dropout('a_low * b_high + (middle & 0xffffu)', 'a_low * b_high'),
  dropout('round < 10u', 'round < 9u'),

  kernel('at < half;', 'at + 1u < half;', opTest('norm')),
  kernel('min(params.size, begin + ', 'min(params.size - 1u, begin + ', opTest('pooling')),

  elementwise("unary('scale_shift', 'a * v + b')", "unary('scale_shift', 'a * v - b')"),
  elementwise("unary('exp', 'exp(v)')", "unary('exp', 'exp2(v)')"),
  elementwise("unary('reciprocal', '1.0 / v')", "unary('reciprocal', '-1.0 / v')"),
  elementwise("unary('sign', 'sign(v)')", "unary('sign', 'select(-ONE, ONE, v >= ZERO)')"),
  elementwise(
    "unary('step', 'select(ZERO, ONE, v > ZERO)')",
    "unary('step', 'select(ZERO, ONE, v >= ZERO)')",
  ),
  elementwise(
    "unary('sigmoid', '1.0 / (1.0 + exp(-v))')",
    "unary('sigmoid', '1.0 / (1.0 + exp(v))')",
  ),
  elementwise(
    "'select(tanh(v), sign(v), abs(v) > 15.0 * ONE)'",
    "'select(tanh(v), ONE, abs(v) > 15.0 * ONE)'",
  ),
  elementwise("binary('sub', 'u - v')", "binary('sub', 'v - u')"),
  elementwise(
    "binary('maximum', 'select(v, u, (u > v) | is_nan(u))')",
    "binary('maximum', 'select(v, u, (u < v) | is_nan(u))')",
  ),
  elementwise(
    "binary('equal', 'select(ZERO, ONE, u == v)')",
    "binary('equal', 'select(ZERO, ONE, u >= v)')",
  ),
  elementwise("'select(u, ZERO, v <= ZERO)'),", "'select(u, ZERO, u <= ZERO)'),"),
  elementwise('let v = b[at_b];', 'let v = b[at_a];'),
  elementwise('if (B_STEP == 1u) { v = b[at_b + k]; }', ''),
  elementwise('k < params.hi', 'k <= params.hi', opTest('shape')),
  elementwise('let row_at = at;', 'let row_at = params.offset;', opTest('shape')),

  indexing('k < params.classes);`', 'k <= params.classes);`'),
  indexing('labels[row] == i - row * params.classes', 'labels[row] == i'),
  indexing('other == own && at < i', 'other == own && at > i'),
  indexing('0x80000000u - magnitude', '0x80000000u + magnitude'),

  norm('squares += d * d;', 'squares += d;'),
  norm(
    "foldLanes(WORKGROUP, 'params.c', 'partial[at] += partial[at + half];')",
    "foldLanes(WORKGROUP, 'params.c', 'partial[at] += partial[at];')",
  ),
  norm('y[i] = (x[i] - moments[c]) * scale', 'y[i] = x[i] * scale'),
  norm('(x[i] - centre[c]) * scale[c] + shift[c]', '(x[i] - centre[c]) * scale[c]'),
  norm('dy[base + p] * (x[base + p] - centre[c])', 'dy[base + p] * x[base + p]'),
  norm('(moments[params.c + c] + params.eps)', '(moments[params.c + c])'),

  pool('let ix = p.x + dx - params.padding;', 'let ix = p.x + dx;'),
  pool('(v > most || is_nan(v))', '(v >= most || is_nan(v))'),
  pool(
    '(at + params.padding) / params.stride + 1u, count)',
    '(at + params.padding) / params.stride, count)',
  ),
  pool('select(p.y + K, params.h, p.y + K == params.oh * K)', 'p.y + K'),
  pool('select(0u, K, y < p.y + K)', 'K'),
  pool('y[i] = v[argmax(place(i))];', 'y[i] = x[argmax(place(i))];'),
  pool(
    'if (argmax(place(o)) == i) { total += dy[o]; }',
    'if (argmax(place(o)) == i) { total = dy[o]; }',
  ),
  pool('params.w + params.padding) - params.padding;', 'params.w) - params.padding;'),
  pool(
    'total += dy[outputs + oy * params.ow + ox];',
    'total += dy[outputs + oy * params.oh + ox];',
  ),
  halves('(v > g.value)', '(v >= g.value)'),
  halves('(v > g.value) | ((bitcast<', '(v > g.value) & ((bitcast<'),
  halves(', 1u);\n  g = take(', ', 2u);\n  g = take('),
  halves(', 3u);\n}', ', 2u);\n}'),
  halves("join: 'vec2f(l, r)'", "join: 'vec2f(r, l)'"),
  halves('(2u)), select(Half(), value', '(1u)), select(Half(), value'),
  halves('let top = i + i / params.columns * params.columns;', 'let top = i;'),
  halves('select(above, below, g.place', 'select(above, above, g.place'),
  halves("join: 'vec4f(l.x, r.x, l.y, r.y)'", "join: 'vec4f(l.x, l.y, r.x, r.y)'"),
  pool('((at + 1u) * size + count - 1u) / count', '((at + 1u) * size) / count'),
  pool('(rows * span_length(span(ox, params.ow, params.w)))', '(rows * rows)'),

  reduce('i - outer * params.inner;\n  let end = (outer + 1u)', 'i;\n  let end = (outer + 1u)'),
  reduce('combine(partial[at], partial[at + half])', 'partial[at]'),
  reduce(
    'part.w = combine(part.w, x[at + 3u * stride]);',
    'part.w = combine(part.w, x[at + 2u * stride]);',
  ),
  reduce("'x[first]', 'select(total, v, (v > total)", "'0.0', 'select(total, v, (v > total)"),
  reduce(
    "['min', 'x[first]', 'select(total, v, (v < total)",
    "['min', 'x[first]', 'select(total, v, (v > total)",
  ),

  relevance('sums[at] += sums[at + half];', 'sums[at] += sums[at];'),
  relevance('for (var at = lane; at <', 'for (var at = 8u * lane; at <'),
  relevance('-dy[n] / all.total', 'dy[n] / all.total'),
  relevance('all.w / max(all.z, params.eps)', 'all.z / max(all.z, params.eps)'),

  resize('(f32(size) / f32(out_size)) - 0.5, 0.0)', '(f32(size) / f32(out_size)), 0.0)'),
  resize(' + select(0.0, s.weight, s.high == at);', ';'),
  resize('i % params.ow * params.w / params.ow', 'i % params.ow * params.ow / params.w'),
  resize('(at * out_size + size - 1u) / size', '(at * out_size) / size'),

  saliency('if (SIGN == 2u) { total = abs(total); }', 'if (SIGN == 2u) { total = -total; }'),
  saliency(
    'w[select(at, n * params.channels + k, POOLED == 1u)]',
    'w[select(at, n * params.channels, POOLED == 1u)]',
  ),
  saliency('let at_s = row / params.channels * params.area;', 'let at_s = 0u;'),
  saliency('part.w += ds[at_s + p + 3u * stride]', 'part.w += ds[at_s + p]'),
  saliency('for (; p < params.area; p += stride)', 'for (; p + stride < params.area; p += stride)'),
  saliency('most = max(most, abs(x[base + p]));', 'most = max(most, x[base + p]);'),

  softmax('y[k] = logits[k] - total; }', 'y[k] = logits[k] + total; }'),
  softmax('logits[i * params.classes + labels[i]];', 'logits[i * params.classes + labels[0]];'),
  softmax('(exp(logits[base + k] - total) - hit)', '(exp(logits[base + k] - total) + hit)'),
  softmax(
    'labels[i / params.classes] == i % params.classes',
    'labels[i / params.classes] == i / params.classes',
  ),

  optimizer('params.rate2 * g * g', 'params.rate2 * g'),
  optimizer('params.momentum > 0.0) + grad[i]', 'params.momentum > 0.0) - grad[i]'),
  optimizer('moments[params.size + i] * params.unbias', 'moments[params.size + i]', LAYERS),
  optimizer('(moments[i] - mean[i])', 'moments[i]', LAYERS),
];
