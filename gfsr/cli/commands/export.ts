// `gfsr export`: a trained classifier for ONNX, PyTorch or the Hugging Face hub, or its training for TensorBoard.

import { existsSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { writeAtomically } from '../../files/atomic-file.ts';
import { makeFolder, makeWritableFolder } from '../../files/make-folder.ts';
import {
  cardContext,
  EXPORT_FORMATS,
  type ExportFormat,
  exportFiles,
} from '../../report/export-files.ts';
import { tensorboardFiles } from '../../report/tensorboard.ts';
import { readModel } from '../../store/load-model.ts';
import { RunFolder, resumeCommand } from '../../store/run-folder.ts';
import { defineCommand } from '../../terminal/command.ts';
import { row } from '../../text/lines.ts';
import { ARMS, type Arm } from '../../train/experiment.ts';

export const exportModel = defineCommand({
  name: 'export',
  help: 'write a trained classifier for ONNX, PyTorch or the Hugging Face hub, or its training for TensorBoard',
  flags: {
    run: { kind: 'text', value: 'folder', help: 'a finished run' },
    arm: {
      kind: 'choice',
      choices: ARMS,
      help: 'which classifier of the run',
      usual: 'guided, if there is one',
    },
    format: {
      kind: 'choice',
      choices: [...EXPORT_FORMATS, 'tensorboard'],
      default: 'onnx',
      help: 'format to write; tensorboard: losses, validation figures and pictures of all arms',
    },
    saliency: {
      kind: 'boolean',
      help: 'onnx: add the saliency of every class as a second output, where it has a closed form',
    },
    out: { kind: 'text', value: 'folder', default: '.', help: 'folder for the files' },
  },
  examples: ['export --run runs/pneumonia --format huggingface --out pneumonia-model'],
  async run({ run, arm, format, saliency, out: folder }, out) {
    if (run === undefined) throw new RangeError('export: name the finished run: --run folder.');
    if (saliency && format !== 'onnx') {
      throw new RangeError(
        `export: ${format} holds no saliency. Leave out --saliency, or choose onnx.`,
      );
    }
    if (arm !== undefined && format === 'tensorboard') {
      throw new RangeError('export: tensorboard holds all arms of a run. Leave out --arm.');
    }
    const { path } = RunFolder.open(run);
    makeWritableFolder(folder);
    const files =
      format === 'tensorboard'
        ? await tensorboardFiles(path)
        : await classifierFiles(path, { format, arm, saliency });
    if (format === 'tensorboard') removeOtherArms(folder, [...files.keys()]);
    for (const [name, content] of files) {
      makeFolder(dirname(join(folder, name)));
      writeAtomically(join(folder, name), content);
      out.result(row('wrote', join(folder, name)));
    }
    return 0;
  },
});

/** Event files of arms that the run has not: TensorBoard would show those of an earlier export beside it. */
function removeOtherArms(folder: string, names: readonly string[]): void {
  for (const events of new Set(names.map((name) => basename(name)))) {
    for (const arm of ARMS.filter((each) => !names.includes(`${each}/${events}`))) {
      rmSync(join(folder, arm, events), { force: true });
    }
  }
}

interface Chosen {
  readonly format: ExportFormat;
  readonly arm?: Arm;
  readonly saliency?: boolean;
}

/** Files of the classifier of an arm. @throws RangeError if the run has none */
async function classifierFiles(path: string, { format, arm, saliency }: Chosen) {
  const fileOf = (name: string) => join(path, `${name}.safetensors`);
  const found = ARMS.filter((name) => existsSync(fileOf(name)));
  const chosen = arm ?? (found.includes('guided') ? 'guided' : found[0]);
  if (chosen === undefined || !found.includes(chosen)) {
    throw new RangeError(
      `${path}: has ${found.length > 0 ? `only ${found.join(', ')}` : 'no trained classifier'}. Continue it with: ${resumeCommand(path)}`,
    );
  }
  const model = readModel(fileOf(chosen), chosen);
  return exportFiles(format, model, await cardContext(path, model), { saliency });
}
