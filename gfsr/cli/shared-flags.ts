// Flags shared by several commands, and the trained classifiers and data that they name.

import type { Gpu } from '../../engine/core/gpu.ts';
import type { Dataset } from '../data/dataset.ts';
import { loadModel } from '../store/load-model.ts';
import type { LoadedModel } from '../store/model-file.ts';
import { dataFor, dataOf, loadRun } from '../store/trained.ts';
import type { Output } from '../terminal/output.ts';
import { row } from '../text/lines.ts';

export const strict = {
  kind: 'boolean',
  help: 'stop where images are in two splits or a class has no training image; otherwise warn',
} as const;

export const quiet = { kind: 'boolean', help: 'print only the result' } as const;

export const weights = {
  kind: 'text',
  value: 'file',
  help: 'a weights file (.safetensors) of a run',
} as const;

export const otherData = {
  kind: 'text',
  value: 'data',
  help: 'data set',
  usual: 'the training data',
} as const;

/** All classifiers of a run, or the one in a file. @throws RangeError unless exactly one of the two is named */
export function openTrained(
  gpu: Gpu,
  { run, weights: file }: { readonly run?: string; readonly weights?: string },
): LoadedModel[] {
  if (file !== undefined && run === undefined) return [loadModel(gpu, file)];
  if (run !== undefined && file === undefined) return loadRun(gpu, run);
  throw new RangeError('--run, --weights: name the trained classifier by exactly one of them.');
}

/** The data of a classifier, or other data, with its classes. What a reader of results must know about it is said. */
export async function dataTold(
  trained: LoadedModel,
  other: string | undefined,
  out: Output,
): Promise<Dataset> {
  const dataset = dataFor(trained, await dataOf(trained, other, (line) => out.say(line)));
  for (const note of dataset.notes) out.say(row('', note));
  return dataset;
}
