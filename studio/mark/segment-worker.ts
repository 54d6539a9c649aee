// Divides images into segments off the thread that draws.

import type { Segmentation } from '../../gfsr/masks/segmentation.ts';
import { slic } from '../../gfsr/masks/slic.ts';

/** An image [C, H, W] to divide into about `segments`. `request` comes back with the answer. */
export interface SegmentRequest {
  readonly request: number;
  readonly bytes: Uint8Array;
  readonly shape: { readonly channels: number; readonly height: number; readonly width: number };
  readonly segments: number;
}

export interface SegmentAnswer {
  readonly request: number;
  readonly segmentation: Segmentation;
}

addEventListener('message', ({ data }: MessageEvent<SegmentRequest>) => {
  const { request, bytes, shape, segments } = data;
  postMessage({ request, segmentation: slic(bytes, { ...shape, segments }) } as SegmentAnswer);
});
