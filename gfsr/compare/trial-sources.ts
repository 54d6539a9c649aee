// What the trials of a comparison read: data, marks, losses and pretrained weights, and what identifies each file.

import { AnnotationFiles } from '../annotation/annotation-files.ts';
import { readAnnotations } from '../annotation/annotation-source.ts';
import { SIMULATED } from '../config/annotation.ts';
import { type Config, withChanges } from '../config/config.ts';
import { isLossFile } from '../config/guidance.ts';
import { parseConfig } from '../config/parse.ts';
import type { Dataset } from '../data/dataset.ts';
import { datasetOf } from '../data/load.ts';
import { withoutTest } from '../data/without-test.ts';
import { bundleLoss } from '../guidance/loss-bundle.ts';
import { loadLossFile } from '../guidance/loss-file.ts';
import { type RelevanceLoss, relevanceLossNamed } from '../guidance/losses.ts';
import { type PretrainedFile, readPretrained } from '../store/pretrained-file.ts';
import type { ComparisonSpec } from './comparison-file.ts';
import type { TrialSources } from './run-trial.ts';

/** Opened sources. */
export interface OpenSources {
  readonly sources: TrialSources;
  /** Text or hash of each file that settings name, by path. */
  readonly contents: ReadonlyMap<string, string>;
  /** What annotation files say about classes, as `AnnotationFiles` tells it. */
  readonly classes: string;
}

/** How the data of trials is read. */
export interface DataReading {
  /** Where a copy of the data is, if it is to be read from there. */
  readonly copy?: string;
  /** Is told in a line what takes long, for the data of the first seed only. */
  readonly say?: (line: string) => void;
}

/** Reads what does not depend on the seed. @throws RangeError for a file that cannot be read */
export async function openSources(
  spec: ComparisonSpec,
  reading: DataReading = {},
): Promise<OpenSources> {
  const files = {
    losses: await loadLosses(spec),
    starts: await loadStarts(spec),
    marks: await AnnotationFiles.named(sourceOf(spec)),
  };
  return {
    sources: trialSources(spec, files, reading),
    contents: contentsOf(spec, files),
    classes: files.marks?.classes ?? '',
  };
}

/** The files that settings name, by path. */
interface NamedFiles {
  readonly losses: ReadonlyMap<string, RelevanceLoss | Error>;
  readonly starts: ReadonlyMap<string, PretrainedFile>;
  /** Absent where marks are simulated. */
  readonly marks: AnnotationFiles | undefined;
}

/** Reads the data once per seed. Only one data set is kept at a time. */
function trialSources(
  { settings, validationOnly }: ComparisonSpec,
  { losses, starts, marks }: NamedFiles,
  { copy, say }: DataReading,
): TrialSources {
  const place = copy === undefined ? {} : { data: { source: copy } };
  let kept: { readonly seed: number; readonly dataset: Promise<Dataset> } | undefined;
  return {
    dataset: (seed) => {
      const config = parseConfig(withChanges(settings, { train: { seed } }, place));
      if (kept?.seed !== seed) {
        const read = datasetOf(config, kept ? undefined : say);
        const dataset = read.then((given) => marks?.correct(given) ?? given);
        kept = { seed, dataset: validationOnly ? dataset.then(withoutTest) : dataset };
      }
      return kept.dataset;
    },
    annotations: async (dataset: Dataset, config: Config) => {
      const { annotations } = await (marks?.marksOn(dataset) ?? readAnnotations(dataset, config));
      if (annotations.size > 0) return annotations;
      throw new RangeError(
        `${dataset.name}: nothing is annotated, so training cannot be guided. Name an annotation file in settings.annotation.source, or compare cross-entropy only.`,
      );
    },
    loss: (setting) => {
      const loss = losses.get(setting) ?? relevanceLossNamed(setting);
      if (loss instanceof Error) throw loss;
      return loss;
    },
    pretrained: (setting) => starts.get(setting),
  };
}

/** Where all variants have their annotations from. */
const sourceOf = ({ settings }: ComparisonSpec): string => settings.annotation?.source ?? SIMULATED;

/** The files of losses that variants name. */
export const lossFiles = ({ variants }: ComparisonSpec): string[] => [
  ...new Set(
    variants.flatMap(({ settings: { guidance } }) =>
      guidance?.loss !== undefined && isLossFile(guidance.loss) ? [guidance.loss] : [],
    ),
  ),
];

/** The losses that files define, by path, or why one cannot be loaded. */
async function loadLosses(spec: ComparisonSpec): Promise<Map<string, RelevanceLoss | Error>> {
  const losses = new Map<string, RelevanceLoss | Error>();
  for (const path of lossFiles(spec)) {
    losses.set(path, await loadLossFile(path).catch((error: Error) => error));
  }
  return losses;
}

/** The pretrained weights that settings name, by path. */
async function loadStarts({
  settings,
  variants,
}: ComparisonSpec): Promise<Map<string, PretrainedFile>> {
  const all = [settings, ...variants.map((variant) => variant.settings)];
  const starts = new Map<string, PretrainedFile>();
  for (const path of new Set(all.flatMap(({ model }) => model?.init ?? []))) {
    const file = await readPretrained(path);
    if (file) starts.set(path, file);
  }
  return starts;
}

/** What is in each file that decides a result, by the setting that names it: its text, or a hash of its parts. */
function contentsOf(
  spec: ComparisonSpec,
  { losses, starts, marks }: NamedFiles,
): Map<string, string> {
  const contents = new Map([...starts].map(([path, { sha256 }]) => [path, sha256]));
  for (const path of lossFiles(spec)) {
    // A loss that cannot be read has no trials whose key could matter.
    if (!(losses.get(path) instanceof Error)) contents.set(path, bundleLoss(path).hash);
  }
  if (marks) contents.set(sourceOf(spec), marks.content);
  return contents;
}
