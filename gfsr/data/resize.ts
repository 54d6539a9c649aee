// The same data set with images of another size, smaller ones or squares. Masks and planted areas go along.

import { type Fit, fitInto, type Placement, placePlane, type Size } from '../image/placement.ts';
import { rowAt } from '../image/rows.ts';
import { checkDataset, type Dataset, mapSplits, type Split } from './dataset.ts';
import { changedMasks } from './masks.ts';
import { changedPixels } from './pixels.ts';

/**
 * Images, masks and planted areas, reduced so that the longer side has `side` pixels. Smaller images are left
 * unchanged. Each pixel is the mean of the area that it covers. A pixel belongs to the reduced mask if at least half of
 * its area did; a mask too small for that keeps its fullest pixels.
 *
 * @param side at least 1
 */
export function reduceImages<D extends Dataset>(dataset: D, side: number): D {
  const from = [dataset.height, dataset.width] as const;
  const longer = Math.max(...from);
  if (longer <= side) return dataset;
  const scale = (length: number) => Math.max(1, Math.round((length * side) / longer));
  const to = [scale(from[0]), scale(from[1])] as const;
  const note = `Reduced from ${from.join('×')} to ${to.join('×')} pixels.`;
  return placed(dataset, { from, scaled: to, at: [0, 0] }, to, note);
}

/**
 * Images, masks and planted areas as squares of `side` pixels, larger or smaller than before. Squares of that size are
 * left unchanged.
 *
 * @param background grey level of the bars of `pad`
 */
export function fitImages<D extends Dataset>(
  dataset: D,
  side: number,
  fit: Fit,
  background = 0,
): D {
  const from = [dataset.height, dataset.width] as const;
  if (from.every((length) => length === side)) return dataset;
  const note = fitNote(side, fit, from);
  return placed(dataset, fitInto(from, side, fit), [side, side], note, background);
}

const FIT_NOTES: Readonly<Record<Fit, string>> = {
  resize: 'each axis scaled by itself',
  pad: 'with bars beside the whole image',
  crop: 'of which the middle is kept',
};

/** What was done to images of one size, or of several. */
export function fitNote(side: number, fit: Fit, from?: Size): string {
  const before = from ? `${from.join('×')} pixels` : 'images of several sizes';
  return `Made ${side}×${side} pixels from ${before}, ${FIT_NOTES[fit]}.`;
}

function placed<D extends Dataset>(
  dataset: D,
  placement: Placement,
  frame: Size,
  note: string,
  background = 0,
): D {
  const area = dataset.height * dataset.width;
  const framed = frame[0] * frame[1];
  const planes = (one: (plane: Float32Array) => ArrayLike<number>) => (values: Uint8Array) => {
    const out = new Uint8Array((values.length / area) * framed);
    for (let i = 0; i * area < values.length; i++) {
      out.set(one(Float32Array.from(rowAt(values, i, area))), i * framed);
    }
    return out;
  };
  const grey = (plane: Float32Array) =>
    placePlane(plane, placement, frame, background).map(Math.round);
  const area01 = (plane: Float32Array) => inside(placePlane(plane, placement, frame));
  const what = `placed ${JSON.stringify({ placement, frame, background })}`;
  const change = (split: Split): Split => ({
    ...split,
    images: changedPixels(
      split.images,
      { count: split.count, size: dataset.channels * framed, what },
      planes(grey),
    ),
    placements: Array.from({ length: split.count }, () => placement),
    ...(split.masks && { masks: changedMasks(split.masks, framed, planes(area01)) }),
    ...(split.shortcut && {
      shortcut: changedPixels(
        split.shortcut,
        { count: split.count, size: framed, what },
        planes(area01),
      ),
    }),
  });
  const [height, width] = frame;
  const notes = [...dataset.notes, note];
  return checkDataset({ ...mapSplits(dataset, change), height, width, notes });
}

/**
 * 1 if at least half of the pixel lies in the mask. If no pixel reaches that, 1 for the pixels with the largest share.
 */
export function inside(shares: Float32Array): Uint8Array {
  const most = shares.reduce((a, b) => Math.max(a, b), 0);
  const enough = Math.min(0.5, most);
  return Uint8Array.from(shares, (share) => (most > 0 && share >= enough ? 1 : 0));
}
