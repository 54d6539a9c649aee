// The same data set with smaller images. Each pixel is the mean of the area that it covers.

import { areaResize } from '../image/area-resize.ts';
import { rowAt } from '../image/rows.ts';
import { checkDataset, type Dataset, mapSplits, type Split } from './dataset.ts';

/**
 * Images, masks and planted areas, reduced so that the longer side has `side` pixels. Smaller images are left
 * unchanged. A pixel belongs to the reduced mask if at least half of its area did; a mask too small for that keeps its
 * fullest pixels.
 *
 * @param side at least 1
 */
export function reduceImages<D extends Dataset>(dataset: D, side: number): D {
  const from = [dataset.height, dataset.width] as const;
  const longer = Math.max(...from);
  if (longer <= side) return dataset;
  const [height, width] = from.map((length) => Math.max(1, Math.round((length * side) / longer)));
  const planes = (values: Uint8Array, round: (plane: Float32Array) => ArrayLike<number>) => {
    const area = from[0] * from[1];
    const out = new Uint8Array((values.length / area) * height * width);
    for (let i = 0; i * area < values.length; i++) {
      const plane = Float32Array.from(rowAt(values, i, area));
      out.set(round(areaResize(plane, from, [height, width])), i * height * width);
    }
    return out;
  };
  const grey = (plane: Float32Array) => plane.map(Math.round);
  const reduced = (split: Split): Split => ({
    ...split,
    images: planes(split.images, grey),
    ...(split.masks && {
      masks: new Map([...split.masks].map(([i, mask]) => [i, planes(mask, inside)])),
    }),
    ...(split.shortcut && { shortcut: planes(split.shortcut, inside) }),
  });
  return checkDataset({
    ...mapSplits(dataset, reduced),
    ...{ height, width, original: dataset.original ?? from },
    notes: [...dataset.notes, `Reduced from ${from.join('×')} to ${height}×${width} pixels.`],
  });
}

/**
 * 1 if at least half of the pixel lies in the mask. If no pixel reaches that, 1 for the pixels with the largest share.
 */
export function inside(shares: Float32Array): Uint8Array {
  const most = shares.reduce((a, b) => Math.max(a, b), 0);
  const enough = Math.min(0.5, most);
  return Uint8Array.from(shares, (share) => (most > 0 && share >= enough ? 1 : 0));
}
