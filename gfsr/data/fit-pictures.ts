// Makes squares of pictures as they are read, so that photographs of any size take the memory of small ones.

import type { DataSettings } from '../config/data.ts';
import { fitInto, type Placement, placePlane } from '../image/placement.ts';
import type { Image } from '../image/png.ts';
import { fitNote, inside } from './resize.ts';

/** How pictures become squares. */
export interface Fitter {
  readonly side: number;
  /** `placement` is where the image of the file lies in the square. */
  place(image: Image): { readonly image: Image; readonly placement: Placement };
  /** @param mask [H, W] of 0 and 1, of the size of the image of the file */
  placeMask(mask: Uint8Array, placement: Placement): Uint8Array;
  /** What was done, as a sentence. */
  note(placements: readonly Placement[]): string;
}

/**
 * The fit that was chosen; undefined for `none`.
 *
 * @throws RangeError for a fit without a side
 */
export function fitterOf({
  fit = 'none',
  side = 0,
  background,
}: Partial<Pick<DataSettings, 'fit' | 'side' | 'background'>>): Fitter | undefined {
  if (fit === 'none') return undefined;
  needSide(fit, side);
  const frame = [side, side] as const;
  const fill = backgroundLevel(background);
  return {
    side,
    place(image) {
      const placement = fitInto([image.height, image.width], side, fit);
      const placed = toPlanes(image).map((plane) => placePlane(plane, placement, frame, fill));
      const data = new Uint8Array(side * side * image.channels);
      for (const [c, plane] of placed.entries()) {
        for (let p = 0; p < plane.length; p++) data[p * image.channels + c] = Math.round(plane[p]);
      }
      return { image: { ...image, width: side, height: side, data }, placement };
    },
    placeMask: (mask, placement) => inside(placePlane(Float32Array.from(mask), placement, frame)),
    note(placements) {
      const sizes = new Set(placements.map(({ from }) => from.join('×')));
      return fitNote(side, fit, sizes.size === 1 ? placements[0].from : undefined);
    },
  };
}

/** @throws RangeError if a fit has no size to fit into */
export function needSide(fit: string, side: number): void {
  if (side >= 1) return;
  throw new RangeError(
    `data.fit: ${fit} makes squares, but of no size: data.side is ${side}, expected at least 1. Add --side 128.`,
  );
}

/** Grey level of what lies behind and beside images. */
export const backgroundLevel = (background: DataSettings['background'] | undefined): number =>
  background === 'white' ? 255 : 0;

/** The channels of [H, W, C], each by itself. */
function toPlanes({ width, height, channels, data }: Image): Float32Array[] {
  return Array.from({ length: channels }, (_, c) => {
    const plane = new Float32Array(width * height);
    for (let p = 0; p < plane.length; p++) plane[p] = data[p * channels + c];
    return plane;
  });
}
