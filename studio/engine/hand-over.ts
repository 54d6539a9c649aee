// Hands the training images of a project to the engine worker, block by block.

import { imagesPerBlock } from '../pictures.ts';
import type { Project } from '../storage/project.ts';
import type { Engine } from './client.ts';

/** Handed over at once. */
const BLOCK_BYTES = 2 ** 20;

/**
 * Opens the project's data set in the worker and hands over its training images. The page keeps none of them.
 *
 * @param onProgress is told the share of images that have arrived
 */
export async function handOver(
  engine: Engine,
  { dataset, images }: Pick<Project, 'dataset' | 'images'>,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (share: number) => void } = {},
): Promise<void> {
  const { name, classes, channels, height, width, ids, labels } = dataset;
  const outline = { name, classes, channels, height, width, splits: { train: { ids, labels } } };
  await engine.ask('open', outline, { signal });
  const count = imagesPerBlock(dataset, BLOCK_BYTES);
  for (let from = 0; from < ids.length; from += count) {
    const to = Math.min(from + count, ids.length);
    const bytes = await images(from, to);
    const transfer = [bytes.buffer as ArrayBuffer];
    await engine.ask('images', { split: 'train', from, bytes }, { signal, transfer });
    onProgress?.(to / ids.length);
  }
}
