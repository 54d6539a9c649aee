// The run in which faults are injected: a few steps of both arms, and the weights that it must come to.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigChanges } from '../../gfsr/config/config.ts';
import { RunFolder } from '../../gfsr/store/run-folder.ts';
import { ARMS, type Arm } from '../../gfsr/train/experiment.ts';
import { decodeSafetensors } from '../../model/safetensors.ts';
import { writeTiny } from '../support/tiny-data.ts';

/** Images of training, validation and test: two classes, and two steps an epoch. */
export const TINY_COUNTS = [4, 2, 2] as const;

type Tensors = ReadonlyMap<string, { readonly data: ArrayBufferView }>;

/** Settings of the run; its data is written into the folder. */
export const tinyRun = (folder: string): ConfigChanges => ({
  data: { source: writeTiny(folder, 'tiny', { counts: TINY_COUNTS }) },
  model: { widths: [2, 4], hidden: 4 },
  train: { epochs: 2, batchSize: 2 },
  guidance: { warmupEpochs: 1 },
  masks: { concepts: 2, segments: 16, relevanceNetwork: false },
});

/** Names and bytes of all final weights. The header also holds the version of the sources, which may be edited. */
export const armWeights = (run: string): string[] =>
  ARMS.flatMap((arm) => {
    const file = readFileSync(join(run, `${arm}.safetensors`));
    return describe(arm, decodeSafetensors(file).tensors);
  });

/** Names and bytes of what the last checkpoints of both arms hold: weights, and moments of the optimiser. */
export async function trainedState(run: string): Promise<string[]> {
  const folder = RunFolder.open(run);
  const states = await Promise.all(ARMS.map((arm) => folder.load(arm)));
  return ARMS.flatMap((arm, i) => {
    const state = states[i];
    if (!state) throw new Error(`${run}: no checkpoint of ${arm}`);
    return describe(arm, state.tensors);
  });
}

const describe = (arm: Arm, tensors: Tensors): string[] =>
  [...tensors].map(([tensor, { data }]) => {
    const { buffer, byteOffset, byteLength } = data;
    return `${arm} ${tensor} ${Buffer.from(buffer, byteOffset, byteLength).toString('base64')}`;
  });
