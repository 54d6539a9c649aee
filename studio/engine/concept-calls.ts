// What the Concepts screen asks of the engine worker.

import type { RunLengths } from '../../gfsr/annotation/annotations.ts';
import type { Call } from '../../gfsr/serve/messages.ts';

/** Height and width of a concept's pictures in pixels. */
export const SIDE = 96;

/** One concept: places of the training images that look alike and lie at a similar place. */
export interface ConceptCard {
  /** Column of its relevance. */
  readonly concept: number;
  /** The image and segment in its middle. It names the concept, so that a name stays only with the same places. */
  readonly key: string;
  /** Number of segments of all images that belong to it. */
  readonly segments: number;
  /** Those nearest to its middle, each of another image. */
  readonly examples: readonly ConceptPicture[];
}

/** One segment in its image. */
export interface ConceptPicture {
  readonly image: number;
  /** Its pixels, as a stroke has them. */
  readonly mask: RunLengths;
  /** RGBA [SIDE, SIDE, 4]: the segment is bright, the rest of the image dark. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
}

export interface ConceptCalls {
  /** The largest concepts first. */
  readonly conceptCards: Call<undefined, readonly ConceptCard[]>;
  /** Mean relevance of each concept's segments, as the masks have it; undefined while no mark says what is relevant. */
  readonly conceptRelevance: Call<undefined, Float32Array | undefined>;
}
