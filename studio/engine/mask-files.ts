// Spread masks of all training images as one file, at the size of the images.

import { zipSync } from 'fflate';
import type { Annotations } from '../../gfsr/annotation/marks.ts';
import { encodeNpz } from '../../gfsr/data/npz-writer.ts';
import { encodePng } from '../../gfsr/image/png-encode.ts';
import { rowAt } from '../../gfsr/image/rows.ts';
import type { PreparedSegments } from '../../gfsr/masks/prepare.ts';
import { softMask } from '../../gfsr/masks/soft-mask.ts';
import { inTurns, type MaskTask } from '../../gfsr/masks/task.ts';
import type { MaskFormat } from './mask-calls.ts';
import type { DatasetOutline } from './workspace.ts';

/** What is drawn. */
export interface SpreadMasks {
  readonly prepared: PreparedSegments;
  /** Of every segment, in [0, 1]. */
  readonly relevance: Float32Array;
  readonly planes: Annotations;
  /** Blur in pixels. */
  readonly sigma: number;
}

/**
 * Masks from 0 (not relevant) to 255 (relevant): `png` is a zip with one grey picture per image, by its id; `npz` has
 * the arrays `masks` [N, H, W] and `ids` [N].
 *
 * @throws the reason of the task's signal
 */
export async function maskFile(
  { prepared: { segmentations, segments }, relevance, planes, sigma }: SpreadMasks,
  { height, width }: Pick<DatasetOutline, 'height' | 'width'>,
  ids: readonly string[],
  format: MaskFormat,
  task: MaskTask,
): Promise<Uint8Array> {
  const masks = new Uint8Array(ids.length * height * width);
  await inTurns(ids.length, 'drawing', task, (i) => {
    const own = relevance.subarray(segments.offsets[i], segments.offsets[i + 1]);
    const mask = softMask(segmentations[i], own, { sigma, planes: planes.get(i) });
    masks.set(
      mask.map((share) => Math.round(255 * share)),
      i * height * width,
    );
  });
  if (format === 'npz') {
    return encodeNpz({ masks: { shape: [ids.length, height, width], data: masks }, ids });
  }
  const pictures: Record<string, Uint8Array> = {};
  await inTurns(ids.length, 'drawing', task, (i) => {
    const data = rowAt(masks, i, height * width);
    pictures[pictureName(ids[i])] = encodePng({ height, width, channels: 1, data });
  });
  return zipSync(pictures, { level: 0 }); // they are packed already
}

/** An id as a path inside an archive; ids of folders are the paths of their files. */
const pictureName = (id: string): string => {
  const parts = id.split(/[/\\]+/).filter((part) => part !== '' && part !== '.' && part !== '..');
  return `${parts.join('/').replace(/\.png$/i, '')}.png`;
};
