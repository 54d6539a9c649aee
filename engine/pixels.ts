// Converts pictures as browsers have them (RGBA, row by row) to tensors and back.

import type { Gpu } from './core/gpu.ts';
import { formatShape, type Tensor } from './core/tensor.ts';

/** RGBA bytes, row by row from the top left: an `ImageData`, or the output of a PNG reader. */
export interface Pixels {
  /** [height, width, 4], 0 to 255. */
  readonly data: Uint8ClampedArray | Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Options of `fromPixels`. */
export interface FromPixelsOptions {
  /** 1: grey, as PyTorch's PIL (0.299 R + 0.587 G + 0.114 B). 3: RGB. 4: RGBA. Default 3. */
  readonly channels?: 1 | 3 | 4;
}

/**
 * A picture as a tensor in [0, 1], as torchvision's `ToTensor`: y[0, c, h, w] = data[h, w, c]/255.
 *
 * @returns [1, channels, height, width], not normalised. If a model needs that, subtract a mean and divide by a
 *   deviation
 * @throws TypeError if data is not bytes, RangeError if its length does not fit
 */
export function fromPixels(
  gpu: Gpu,
  { data, width, height }: Pixels,
  { channels = 3 }: FromPixelsOptions = {},
): Tensor {
  if (!(data instanceof Uint8ClampedArray || data instanceof Uint8Array)) {
    const what = (data as object | undefined)?.constructor?.name ?? String(data);
    throw new TypeError(
      `fromPixels: data is ${what}, expected RGBA bytes from 0 to 255. Use gpu.tensor for other numbers.`,
    );
  }
  if (![1, 3, 4].includes(channels)) {
    throw new RangeError(`fromPixels: channels is ${channels}, expected 1, 3 or 4.`);
  }
  const area = width * height;
  if (data.length !== 4 * area) {
    throw new RangeError(
      `fromPixels: got ${data.length} bytes, expected ${4 * area} for ${width} × ${height} RGBA pixels.`,
    );
  }
  const values = new Float32Array(channels * area);
  for (let p = 0; p < area; p++) {
    const [r, g, b] = [data[4 * p], data[4 * p + 1], data[4 * p + 2]];
    if (channels === 1) values[p] = (0.299 * r + 0.587 * g + 0.114 * b) / 255;
    else for (let c = 0; c < channels; c++) values[c * area + p] = data[4 * p + c] / 255;
  }
  return gpu.tensor(values, [1, channels, height, width]);
}

/**
 * A tensor in [0, 1] as a picture: data[h, w, c] = round(255·x[c, h, w]), clipped to 0 and 255. Grey is copied to RGB.
 * `context.putImageData(new ImageData(data, width, height), 0, 0)` shows it.
 *
 * @param x [1, C, height, width] or [C, height, width], C of 1 (grey), 3 (RGB) or 4 (RGBA)
 * @throws RangeError for another shape
 */
export async function toPixels(
  x: Tensor,
): Promise<Pixels & { readonly data: Uint8ClampedArray<ArrayBuffer> }> {
  const { shape } = x;
  const [channels, height, width] = shape.slice(-3);
  const isPicture = shape.length === 3 || (shape.length === 4 && shape[0] === 1);
  if (!isPicture || ![1, 3, 4].includes(channels)) {
    throw new RangeError(
      `toPixels: x has shape ${formatShape(shape)}, expected [1, C, height, width] with C of 1, 3 or 4.`,
    );
  }
  const values = await x.data();
  const area = height * width;
  const data = new Uint8ClampedArray(4 * area).fill(255);
  for (let p = 0; p < area; p++) {
    for (let c = 0; c < Math.max(3, channels); c++) {
      data[4 * p + c] = 255 * values[(channels === 1 ? 0 : c) * area + p];
    }
  }
  return { data, width, height };
}
