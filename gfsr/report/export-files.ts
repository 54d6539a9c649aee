// A trained classifier in the formats of others: ONNX, PyTorch, and the layout of the Hugging Face hub.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readText } from '../files/read-file.ts';
import { type CardContext, modelCard } from '../store/export/model-card.ts';
import { encodeOnnx, type OnnxOptions } from '../store/export/onnx.ts';
import { pytorchFiles } from '../store/export/pytorch.ts';
import type { ModelFile } from '../store/model-file.ts';
import { RunFolder } from '../store/run-folder.ts';
import { parseJson } from '../text/json.ts';

export const EXPORT_FORMATS = ['onnx', 'huggingface', 'pytorch'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/**
 * Contents by file name.
 *
 * @param options of ONNX
 * @throws RangeError if saliency is asked for and has no closed form
 */
export function exportFiles(
  format: ExportFormat,
  model: ModelFile,
  context: CardContext,
  options: OnnxOptions = {},
): Map<string, string | Uint8Array> {
  if (format === 'onnx') return new Map([['model.onnx', encodeOnnx(model, options)]]);
  const files = pytorchFiles(model);
  return format === 'pytorch' ? files : files.set('README.md', modelCard(model, context));
}

/** Figures of the card, by their name in `metrics.json`. */
const FIGURES = [
  ['accuracy', 'accuracy'],
  ['balancedAccuracy', 'balanced accuracy'],
  ['macroF1', 'macro F1'],
  ['auc', 'AUC'],
] as const;

const isInterval = (value: unknown): value is readonly [number, number] =>
  Array.isArray(value) && value.length === 2 && value.every(Number.isFinite);

/**
 * What the folder of a run adds to a model: figures of its test images, notes on its data, where the marks are from.
 */
export async function cardContext(folder: string, { arm }: ModelFile): Promise<CardContext> {
  const { path, info } = RunFolder.open(folder);
  const { images, notes } = info.dataset;
  const file = join(path, 'metrics.json');
  const all: unknown = existsSync(file) ? parseJson(await readText(file), file) : {};
  const test = ['arms', arm, 'evaluation', 'test'].reduce(
    (value, key) => Object(value)[key],
    all,
  ) as Readonly<Record<string, unknown>> | undefined;
  const figures = FIGURES.flatMap(([key, name]) => {
    const value = test?.[key];
    if (typeof value !== 'number') return [];
    const known: unknown = Object(test?.intervals)[key];
    const interval = isInterval(known) ? known : undefined;
    return [{ name, value, ...(interval && { interval }) }];
  });
  return { figures, tested: images.test, notes, annotations: info.annotations };
}
