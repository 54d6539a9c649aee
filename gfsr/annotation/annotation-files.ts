// The annotation files that a setting names, read once: whatever is asked of them is about the same bytes.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SIMULATED } from '../config/annotation.ts';
import { withoutFolders } from '../config/portable.ts';
import type { Dataset } from '../data/dataset.ts';
import { contentHash } from '../files/content-hash.ts';
import { decodeText } from '../files/decode-text.ts';
import { type AnnotationFile, mergeAnnotations, parseAnnotations } from './annotations.ts';
import { type BoundAnnotations, bindToImages } from './binding.ts';
import { correctedClass, correctedLabels, countChanged, withCorrectedClasses } from './classes.ts';
import { type FilesAt, importAnnotations, ownText, readFilesAt } from './exchange/import-marks.ts';
import { markableImages } from './markable-images.ts';
import { type Annotations, decidedImages, describeEmptyClasses } from './marks.ts';
import { annotationPlanes } from './planes.ts';

/** The marks on a data set, and where they come from. */
export interface AnnotationSource {
  readonly annotations: Annotations;
  /** What the marks were made from; absent if there are none. */
  readonly file?: AnnotationFile;
  /** One line for a person. */
  readonly summary: string;
}

/** Files of marks and corrected classes, as they were when they were read. */
export class AnnotationFiles {
  readonly #setting: string;
  readonly #all: readonly FilesAt[];

  private constructor(setting: string, all: readonly FilesAt[]) {
    this.#setting = setting;
    this.#all = all;
  }

  /** Reads what a setting names; undefined where marks are simulated. @throws RangeError for what cannot be read */
  static async named(setting: string): Promise<AnnotationFiles | undefined> {
    if (setting === SIMULATED) return undefined;
    return new AnnotationFiles(setting, await Promise.all(pathsIn(setting).map(readFilesAt)));
  }

  /** What decides the marks: of each path its text, or the hash of each picture or of each file in a folder. */
  get content(): string {
    return this.#all.map(contentOf).join('\n');
  }

  /** What the files say about classes, as text that tells it from anything else; empty if nothing. */
  get classes(): string {
    const said: [string | number, string][] = [];
    for (const files of this.#all) {
      const text = ownText(files); // no other program's file has corrected classes
      if (text === undefined) continue;
      for (const { image, strokes } of parseAnnotations(text, undefined, files.path).annotations) {
        const label = correctedClass(strokes);
        if (label !== undefined) said.push([image, label]);
      }
    }
    return said.length > 0 ? JSON.stringify(said) : '';
  }

  /** The data set with the classes that they correct. @throws RangeError as `marksOn`, or for unknown classes */
  async correct(dataset: Dataset): Promise<Dataset> {
    return withCorrectedClasses(dataset, (await this.#bind(dataset)).file);
  }

  /** @throws RangeError for files that are damaged, about other images, or say nothing */
  async marksOn(dataset: Dataset): Promise<AnnotationSource> {
    const { file, notes } = await this.#bind(dataset);
    const annotations = annotationPlanes(file, dataset);
    const { labels: given, count } = dataset.train;
    const labels = correctedLabels(dataset, file);
    const corrected = countChanged(given, labels);
    const isDecided = decidedImages(annotations).size > 0;
    const unguided = describeEmptyClasses(annotations, labels, dataset.classes);
    if (!isDecided && (annotations.size > 0 || corrected === 0)) {
      throw new RangeError(
        `${this.#setting}: marks nothing as relevant or irrelevant, expected strokes on at least one training image.`,
      );
    }
    const people = new Set(file.annotations.map(({ annotator }) => annotator)).size;
    const by = people > 1 ? ` by ${people} annotators` : '';
    const names = this.#all.map(({ path }) => withoutFolders(path)).join(', ');
    const told = [
      `${names}, marks on ${annotations.size} of ${count} training images${by}`,
      ...(corrected > 0 ? [`classes corrected: ${corrected}`] : []),
      ...(isDecided ? [] : ['no place is marked, so only cross-entropy']),
      ...(unguided ? [unguided] : []),
      ...notes,
    ];
    return { annotations, file, summary: told.join('; ') };
  }

  /** All annotations, in the order of the files. */
  async #bind(dataset: Dataset): Promise<BoundAnnotations> {
    const bound = await Promise.all(this.#all.map((files) => bindTo(dataset, files)));
    const notes = [...new Set(bound.flatMap((each) => each.notes))];
    return { file: mergeAnnotations(bound.map(({ file }) => file)), notes };
  }
}

/** @throws RangeError for a file that is missing, damaged, or about other images */
export async function readAnnotationFile(path: string, dataset: Dataset): Promise<AnnotationFile> {
  return (await bindTo(dataset, await readFilesAt(path))).file;
}

/** The folder that holds `gfsr/annotations/`. */
const HOME = fileURLToPath(new URL('../..', import.meta.url));

/** Paths in a setting. What is not there may come with the program: gfsr/annotations/busi.json. */
const pathsIn = (setting: string): string[] =>
  setting
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '')
    .map((path) => (!existsSync(path) && existsSync(join(HOME, path)) ? join(HOME, path) : path));

function contentOf({ path, files }: FilesAt): string {
  const [first] = files;
  const isText = files.length === 1 && !/\.png$/i.test(first.path);
  if (isText) return decodeText(first.bytes, path);
  return files.map((file) => `${file.path} ${contentHash(file.bytes)}`).join('\n');
}

async function bindTo(dataset: Dataset, files: FilesAt): Promise<BoundAnnotations> {
  const { path } = files;
  const text = ownText(files);
  const { file, notes } =
    text === undefined
      ? await importAnnotations(files, dataset)
      : { file: parseAnnotations(text, undefined, path), notes: [] };
  const bound = bindToImages(file, markableImages(dataset), path);
  return { ...bound, notes: [...notes, ...bound.notes] };
}
