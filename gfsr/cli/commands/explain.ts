// `gfsr explain`: draws where a trained classifier looks, for images of a data set or the user's own image.

import { basename, extname, join } from 'node:path';
import type { Split } from '../../data/dataset.ts';
import { pictureNames } from '../../data/picture-names.ts';
import { singleImage } from '../../data/single-image.ts';
import { writeAtomically } from '../../files/atomic-file.ts';
import { makeWritableFolder } from '../../files/make-folder.ts';
import { readBytes } from '../../files/read-file.ts';
import { encodePng } from '../../image/png-encode.ts';
import { explainImages } from '../../report/explanation.ts';
import type { LoadedModel } from '../../store/model-file.ts';
import { preferGuided } from '../../store/trained.ts';
import { defineCommand } from '../../terminal/command.ts';
import type { Flags, FlagValues } from '../../terminal/flag.ts';
import type { Output } from '../../terminal/output.ts';
import { table } from '../../text/lines.ts';
import { findAdapter, withGpu } from '../device.ts';
import { settingFlags } from '../setting-flags.ts';
import { dataTold, openTrained, otherData, weights } from '../shared-flags.ts';

const flags = {
  run: {
    kind: 'text',
    value: 'folder',
    help: 'a finished run; uses the guided classifier if there is one',
  },
  weights,
  image: {
    kind: 'text',
    value: 'file.png',
    help: 'an image of the same size as the training images; of any size if they were made square with --fit',
  },
  data: otherData,
  split: {
    kind: 'choice',
    choices: ['train', 'val', 'test'],
    default: 'test',
    help: 'the split that --index refers to',
  },
  index: {
    kind: 'integers',
    least: 0,
    longest: 1000,
    help: 'indices of images in the data set, from 0',
  },
  targetClass: {
    kind: 'text',
    value: 'class',
    help: 'class to explain, by name or number',
    usual: 'the predicted class',
  },
  out: { kind: 'text', value: 'folder', default: '.', help: 'folder for the pictures' },
  settings: settingFlags(
    [
      ...['saliency.source', 'saliency.layer', 'saliency.method', 'saliency.sign'],
      'saliency.integrationSteps',
    ],
    'as the run was trained',
  ),
} as const satisfies Flags;

export const explain = defineCommand({
  name: 'explain',
  help: 'draw where a trained classifier looks, on top of the image',
  flags,
  async run(options, out) {
    const { settings, targetClass, out: folder } = options;
    makeWritableFolder(folder);
    await findAdapter(out);
    return withGpu(async (gpu) => {
      const trained = preferGuided(openTrained(gpu, options));
      const { classes, arm, config } = trained;
      const { split, indices, names, labelled } = await findImages(options, trained, out);
      const explained = await explainImages(gpu, trained, split, {
        indices,
        saliency: { ...config.saliency, ...settings.saliency },
        target: targetClass === undefined ? undefined : classNumber(targetClass, classes),
      });
      const rows = [['image', 'label', 'predicted', 'probability', 'explained', 'file']];
      for (const [
        i,
        { index, predicted, probability, explained: shown, picture },
      ] of explained.entries()) {
        const file = join(folder, `${names[i]}-${arm}.png`);
        writeAtomically(file, encodePng(picture));
        const label = labelled ? classes[split.labels[index]] : '–';
        const decision = [classes[predicted], probability.toFixed(3), classes[shown]];
        rows.push([names[i], label, ...decision, file]);
      }
      for (const line of table(rows)) out.result(line);
      return 0;
    });
  },
});

/** The images to explain, and their names for files. */
interface Images {
  readonly split: Split;
  readonly indices: readonly number[];
  readonly names: readonly string[];
  /** Whether the split has true labels. */
  readonly labelled: boolean;
}

async function findImages(
  { image, index, data, split: name }: FlagValues<typeof flags>,
  trained: LoadedModel,
  out: Output,
): Promise<Images> {
  if ((image === undefined) === (index === undefined)) {
    throw new RangeError('explain: needs either --image file.png or --index 3,5.');
  }
  if (image !== undefined) {
    const options = { ...trained.config.data, ...trained.classifier.shape };
    const split = await singleImage(await readBytes(image), options, image);
    return {
      split,
      indices: [0],
      names: [basename(image, extname(image))],
      labelled: false,
    };
  }
  const dataset = await dataTold(trained, data, out);
  const split = dataset[name];
  const indices = index as readonly number[];
  if (indices.some((i) => i >= split.count)) {
    throw new RangeError(`--index: got ${index}, expected numbers from 0 to ${split.count - 1}.`);
  }
  const names = pictureNames(dataset, name, indices);
  return { split, indices, names, labelled: true };
}

function classNumber(text: string, classes: readonly string[]): number {
  const named = classes.indexOf(text);
  const number = named >= 0 ? named : Number(text);
  if (Number.isInteger(number) && number >= 0 && number < classes.length) return number;
  const list = classes.map((name, i) => (name === String(i) ? name : `${i} ${name}`)).join(', ');
  throw new RangeError(`--target-class: no class ${text}, expected one of ${list}.`);
}
