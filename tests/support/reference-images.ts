// Ops over images in float64 that are stated by where each number goes: transposed convolution, windows, blur.

import { addAt, array64, at, build, type Reference } from './array64.ts';

/** The cells that cell `o` of `count` covers of `size` (PyTorch's adaptive pooling). */
function covered(o: number, count: number, size: number): number[] {
  const cells: number[] = [];
  for (let i = 0; i < size; i++) {
    if (i >= Math.floor((o * size) / count) && i < Math.ceil(((o + 1) * size) / count))
      cells.push(i);
  }
  return cells;
}

type Pair = (from: number[], to: number[], weight: number) => void;

function eachCovered(x: readonly number[], size: readonly number[], visit: Pair): void {
  for (let n = 0; n < x[0]; n++)
    for (let c = 0; c < x[1]; c++)
      for (let i = 0; i < size[0]; i++)
        for (let j = 0; j < size[1]; j++) {
          const [rows, columns] = [covered(i, size[0], x[2]), covered(j, size[1], x[3])];
          for (const row of rows)
            for (const column of columns)
              visit([n, c, row, column], [n, c, i, j], 1 / (rows.length * columns.length));
        }
}

const nearest = (o: number, count: number, size: number): number => Math.floor((o * size) / count);

export const referencesOfImages: Readonly<Record<string, Reference>> = {
  // The definition itself: each element of x puts a scaled window into y.
  convTranspose2d: ([x, w, bias], { stride, padding, dilation, groups, outputPadding }) => {
    const [n, channels, h, width] = x.shape;
    const [, outs, kh, kw] = w.shape;
    const along = (size: number, k: number) =>
      (size - 1) * stride - 2 * padding + dilation * (k - 1) + outputPadding + 1;
    const y = build([n, outs * groups, along(h, kh), along(width, kw)], ([, o]) =>
      bias ? bias.data[o] : 0,
    );
    for (let image = 0; image < n; image++)
      for (let c = 0; c < channels; c++)
        for (let o = 0; o < outs; o++)
          for (let i = 0; i < h; i++)
            for (let j = 0; j < width; j++)
              for (let u = 0; u < kh; u++)
                for (let v = 0; v < kw; v++) {
                  const row = i * stride + u * dilation - padding;
                  const column = j * stride + v * dilation - padding;
                  if (row < 0 || row >= y.shape[2] || column < 0 || column >= y.shape[3]) continue;
                  const out = Math.floor(c / (channels / groups)) * outs + o;
                  addAt(
                    y,
                    [image, out, row, column],
                    at(x, [image, c, i, j]) * at(w, [c, o, u, v]),
                  );
                }
    return y;
  },

  adaptiveAvgPool2d: ([x], { size }) => {
    const y = array64([x.shape[0], x.shape[1], ...size]);
    eachCovered(x.shape, size, (from, to, weight) => addAt(y, to, weight * at(x, from)));
    return y;
  },
  adaptiveAvgPool2dInputGrad: ([dy], attrs) => {
    const dx = array64(attrs.x);
    eachCovered(attrs.x, attrs.size, (from, to, weight) => addAt(dx, from, weight * at(dy, to)));
    return dx;
  },

  resizeNearest: ([x], { size }) =>
    build([x.shape[0], x.shape[1], ...size], ([n, c, i, j]) =>
      at(x, [n, c, nearest(i, size[0], x.shape[2]), nearest(j, size[1], x.shape[3])]),
    ),
  resizeNearestInputGrad: ([dy], attrs) => {
    const dx = array64(attrs.x);
    build(dy.shape, ([n, c, i, j]) => {
      const [, , h, w] = attrs.x;
      const from = [n, c, nearest(i, attrs.size[0], h), nearest(j, attrs.size[1], w)];
      addAt(dx, from, at(dy, [n, c, i, j]));
      return 0;
    });
    return dx;
  },

  // Both axes at once, where the composition goes one after the other.
  gaussianBlur: ([x], { sigma, radius }) =>
    build(x.shape, ([n, c, i, j]) => {
      let [total, weights] = [0, 0];
      for (let u = -radius; u <= radius; u++)
        for (let v = -radius; v <= radius; v++) {
          const [row, column] = [i + u, j + v];
          if (row < 0 || row >= x.shape[2] || column < 0 || column >= x.shape[3]) continue;
          const weight = Math.exp(-(u * u + v * v) / (2 * sigma * sigma));
          total += weight * at(x, [n, c, row, column]);
          weights += weight;
        }
      return total / weights;
    }),
};
