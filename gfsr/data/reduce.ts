// The same data set with smaller images, each pixel the mean of the area that it covers.

import { areaResize } from '../image/area-resize.ts';
import { rowAt } from '../image/rows.ts';
import { checkDataset, type Dataset, mapSplits, type Split } from './dataset.ts';

/**
 * Images, masks and planted areas reduced so that the longer side has `side` pixels; smaller ones stay as they are.
 * A pixel of a mask is in it if at least half of its area was; one too small for that keeps its fullest pixels.
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

/** 1 where at least half, or, if that is nowhere, as much as anywhere, of a pixel lies in the mask. */
export function inside(shares: Float32Array): Uint8Array {
  const most = shares.reduce((a, b) => Math.max(a, b), 0);
  const enough = Math.min(0.5, most);
  return Uint8Array.from(shares, (share) => (most > 0 && share >= enough ? 1 : 0));
}
