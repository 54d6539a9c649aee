// Divides images into segments off the thread that draws.

import { slic } from '../../gfsr/masks/slic.ts';
import { type MeasuredSegments, measureSegments } from './measured-segments.ts';

/** An image [C, H, W] to divide into about `segments`. `request` comes back with the answer. */
export interface SegmentRequest {
  readonly request: number;
  readonly bytes: Uint8Array;
  readonly shape: { readonly channels: number; readonly height: number; readonly width: number };
  readonly segments: number;
}

export interface SegmentAnswer {
  readonly request: number;
  readonly measured: MeasuredSegments;
}

addEventListener('message', ({ data }: MessageEvent<SegmentRequest>) => {
  const { request, bytes, shape, segments } = data;
  const measured = measureSegments(slic(bytes, { ...shape, segments }));
  const { edges, segmentation } = measured;
  const transfer = [edges.buffer, segmentation.labels.buffer as ArrayBuffer];
  postMessage({ request, measured } satisfies SegmentAnswer, { transfer });
});
