// The run in which faults are injected: a few steps of both arms, and the weights that it must come to.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigChanges } from '../../gfsr/config/config.ts';
import { decodeSafetensors } from '../../model/safetensors.ts';
import { writeTiny } from '../support/tiny-data.ts';

/** Settings of the run; its data is written into the folder. */
export const tinyRun = (folder: string): ConfigChanges => ({
  data: { source: writeTiny(folder, 'tiny', { counts: [4, 2, 2] }) },
  model: { widths: [2, 4], hidden: 4 },
  train: { epochs: 2, batchSize: 2 },
  guidance: { warmupEpochs: 1 },
  masks: { concepts: 2, segments: 16, relevanceNetwork: false },
});

/** Names and bytes of all final weights. The header also holds the version of the sources, which may be edited. */
export const armWeights = (run: string): string[] =>
  ['cross-entropy', 'guided'].flatMap((arm) => {
    const file = readFileSync(join(run, `${arm}.safetensors`));
    return [...decodeSafetensors(file).tensors].map(([tensor, { data }]) => {
      const { buffer, byteOffset, byteLength } = data;
      return `${arm} ${tensor} ${Buffer.from(buffer, byteOffset, byteLength).toString('base64')}`;
    });
  });
