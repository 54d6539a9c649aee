// Gaussian blur of images.

import { formatShape, type Tensor } from '../core/tensor.ts';
import { reshape } from './broadcast.ts';
import { conv2d } from './conv/index.ts';
import { mul } from './elementwise.ts';
import { pad } from './shape.ts';

/**
 * Each pixel becomes the mean of those within `radius` on both axes, weighted by e^(−d²/2σ²). At an edge the
 * weights inside the image are scaled up to sum to 1, so that a constant image stays constant.
 *
 * @param x [N, C, H, W]
 * @param sigma in pixels, above 0
 * @param radius whole number ≥ 0. Default ⌈3σ⌉
 * @returns x's shape
 * @throws RangeError for another rank, sigma or radius
 */
export function gaussianBlur(x: Tensor, sigma: number, radius = Math.ceil(3 * sigma)): Tensor {
  if (x.rank !== 4 || !(sigma > 0) || !Number.isInteger(radius) || radius < 0) {
    throw new RangeError(
      `gaussianBlur: x ${formatShape(x.shape)}, sigma ${sigma}, radius ${radius}: expected [N, C, H, W], sigma > 0 and a whole radius ≥ 0.`,
    );
  }
  // Channels are treated as images of one channel, because they do not mix. Depthwise groups would leave vectors empty.
  const [n, c, h, w] = x.shape;
  const planes = reshape(x, [n * c, 1, h, w]);
  return reshape(blurAxis(blurAxis(planes, 2, sigma, radius), 3, sigma, radius), x.shape);
}

function blurAxis(x: Tensor, axis: 2 | 3, sigma: number, radius: number): Tensor {
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)),
  );
  const size = x.shape[axis];
  const scale = Float64Array.from({ length: size }, (_, at) => {
    const inside = weights.subarray(Math.max(0, radius - at), radius + size - at);
    return 1 / inside.reduce((sum, v) => sum + v);
  });
  const along = (length: number) => [1, 1, 1, 1].with(axis, length);
  const margin = [0, 0, 0, 0].with(axis, radius);
  const window = x.gpu.tensor(weights, along(weights.length));
  return mul(conv2d(pad(x, margin, margin), window), x.gpu.tensor(scale, along(size)));
}
