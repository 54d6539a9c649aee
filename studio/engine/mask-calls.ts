// What the Mark screen asks of the engine worker: masks that follow the marks.

import type { Stroke } from '../../gfsr/annotation/annotations.ts';
import type { Suggestion } from '../../gfsr/masks/marking-queue.ts';
import type { MaskStage } from '../../gfsr/masks/task.ts';
import type { Call } from '../../gfsr/serve/messages.ts';

/** What changed, and what is to be shown. */
export interface MaskRequest {
  /** Images whose strokes have changed since the last request, with all strokes that they have now. */
  readonly changes: readonly (readonly [image: number, strokes: readonly Stroke[]])[];
  /** The image that is being marked. It is not among those that are shown. */
  readonly image: number;
  /** Number of images to show. */
  readonly count: number;
}

/** One image with its mask over it, RGBA [height, width, 4]. */
export interface MaskTile {
  readonly image: number;
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
}

/** Segments whose relevance has crossed one half, on images other than the marked one. */
export interface Reach {
  readonly segments: number;
  readonly images: number;
}

/** The masks after the last change. */
export interface MaskView {
  readonly height: number;
  readonly width: number;
  readonly tiles: readonly MaskTile[];
  /** Relevant now, and not before the change. */
  readonly gained: Reach;
  /** Relevant before the change, and not now. */
  readonly lost: Reach;
  /** Whether the relevance network has worked on them. */
  readonly isRefined: boolean;
}

export interface Preparation {
  readonly images: number;
  readonly segments: number;
}

/** As one picture per image, or as arrays. */
export type MaskFormat = 'png' | 'npz';

export interface MaskCalls {
  /** Divides and describes the images that have been handed over. */
  readonly prepareMasks: Call<
    undefined,
    Preparation,
    { readonly stage: MaskStage; readonly share: number }
  >;
  /** Spreads the marks in closed form. Undefined while no mark says what is relevant. */
  readonly spreadMarks: Call<MaskRequest, MaskView | undefined>;
  /** The same with the relevance network. Undefined also where a training has the device. */
  readonly refineMarks: Call<MaskRequest, MaskView | undefined, { readonly share: number }>;
  /** A person moves to an image or a segment, and may mark it next: a training waits for that. */
  readonly attend: Call<undefined, undefined>;
  /** Relevance [H·W] of an image in the masks that were made last, not blurred; undefined before the first. */
  readonly imageRelevance: Call<number, Float32Array | undefined>;
  /** The masks of all images as they were made last, as a file. */
  readonly exportMasks: Call<
    { readonly format: MaskFormat },
    Uint8Array,
    { readonly share: number }
  >;
  /** What is worth marking next, by the masks that were made last. */
  readonly suggestImages: Call<{ readonly count: number }, readonly Suggestion[]>;
}
