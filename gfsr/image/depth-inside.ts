// How deep inside a mask each of its pixels lies.

/**
 * City-block and diagonal distance of every pixel to the nearest one outside the mask, [H, W], in two sweeps (chamfer
 * distance, Borgefors 1986). Beyond the border counts as outside.
 */
export function depthInside(mask: Uint8Array, height: number, width: number): Float32Array {
  const depth = new Float32Array(height * width);
  const at = (x: number, y: number) =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : depth[y * width + x];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (mask[y * width + x] === 0) continue;
      const straight = Math.min(at(x - 1, y), at(x, y - 1)) + 1;
      const diagonal = Math.min(at(x - 1, y - 1), at(x + 1, y - 1)) + Math.SQRT2;
      depth[y * width + x] = Math.min(straight, diagonal);
    }
  }
  for (let y = height - 1; y >= 0; y--) {
    for (let x = width - 1; x >= 0; x--) {
      const pixel = y * width + x;
      const straight = Math.min(at(x + 1, y), at(x, y + 1)) + 1;
      const diagonal = Math.min(at(x + 1, y + 1), at(x - 1, y + 1)) + Math.SQRT2;
      depth[pixel] = Math.min(depth[pixel], straight, diagonal);
    }
  }
  return depth;
}
