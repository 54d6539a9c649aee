// Projects that live in this browser alone: pixels are private files, marks are in its database.

import {
  type Annotation,
  parseAnnotations,
  type Stroke,
} from '../../gfsr/annotation/annotations.ts';
import { MarkSheet } from '../../gfsr/annotation/mark-sheet.ts';
import { type MarkableImages, markableImages } from '../../gfsr/annotation/markable-images.ts';
import type { ConfigChanges } from '../../gfsr/config/config.ts';
import type { Dataset } from '../../gfsr/data/dataset.ts';
import { readDataset, TRAIN_IMAGES, writeDataset } from '../../gfsr/data/dataset-files.ts';
import {
  DATABASE,
  marksOf,
  openDatabase,
  type ProjectRecord,
  type Writing,
  write,
} from './database.ts';
import { takeTurn } from './only-writer.ts';
import { type PrivateFiles, privateFiles, removePrivateFiles } from './private-files.ts';
import { type Project, RefusedError } from './project.ts';
import { openStrokeLog } from './stroke-log.ts';

/** Settings that name the data and how it was read: a training, and the run that it leaves, begin with them. */
export const DATA_SETTINGS = 'settings.json';

type DataChanges = NonNullable<ConfigChanges['data']>;

/** There are no other writers, so marks need no revision. */
const REVISION = '';

/** A project of this browser. */
export interface BrowserProject extends Project {
  readonly id: string;
  /** What marks are bound to. */
  readonly markable: MarkableImages;
  /** For what is computed from the images: descriptors, masks, checkpoints, run folders. */
  readonly files: PrivateFiles;
  /** All splits, with their pixels. */
  wholeDataset(): Promise<Dataset>;
  /**
   * Adds the marks of an annotation file. If it has those of one person and nothing is marked here yet, that person
   * goes on marking. The project must be opened again to show them.
   *
   * @param where start of error messages: the name of the file
   * @throws RangeError for a text that is damaged, or about other images
   */
  addMarks(text: string, where: string): Promise<void>;
  /** The same, in the place of all marks that are here. Without a text, there are none then. */
  replaceMarks(text: string | undefined, where: string): Promise<void>;
  /** Everybody whose marks are here, and the person who marks now, by name. */
  people(): readonly string[];
  /** Lets another person mark: their marks are shown once the project is opened again. All others are kept. */
  markAs(person: string): Promise<void>;
}

/** The projects of this browser, the latest opened first. */
export async function listProjects(): Promise<readonly ProjectRecord[]> {
  const all = await (await openDatabase()).getAll('projects');
  return all.sort((a, b) => b.opened - a.opened);
}

export async function hasProject(id: string): Promise<boolean> {
  return (await (await openDatabase()).getKey('projects', id)) !== undefined;
}

/**
 * Keeps a data set in this browser. It runs in workers, too.
 *
 * @param id of the project; one that exists is replaced
 * @param settings with which the command line reads the same data set
 */
export async function createProject(
  id: string,
  dataset: Dataset,
  settings: DataChanges,
): Promise<void> {
  const { name, classes, channels, height, width, train, val, test } = dataset;
  const files = privateFiles(id);
  await writeDataset(files, dataset);
  await files.write(DATA_SETTINGS, JSON.stringify({ data: settings }));
  const record: ProjectRecord = {
    id,
    opened: Date.now(),
    images: markableImages(dataset),
    count: train.count + val.count + (test === val ? 0 : test.count),
    others: [],
    dataset: {
      ...{ name, classes, channels, height, width, ids: train.ids, labels: [...train.labels] },
      ...{ annotator: 'annotator 1', file: `${name}-marks.json`, unmarked: REVISION },
    },
  };
  await write(await openDatabase(), (transaction) =>
    transaction.objectStore('projects').put(record),
  );
}

/** @throws RangeError if there is no such project */
export async function openBrowserProject(id: string): Promise<BrowserProject> {
  const database = await openDatabase();
  const record = await database.get('projects', id);
  if (!record) throw new RangeError('this browser has no such data set any more. Open it again.');
  const turn = await takeTurn(id);
  if (turn.isWriter) {
    const opened = { ...record, opened: Date.now() };
    await write(database, (transaction) => transaction.objectStore('projects').put(opened));
  }
  const { images, others } = record;
  const dataset = { ...record.dataset, placements: images.placements };
  const log = await openStrokeLog(database, id, dataset);
  const { annotator } = dataset;
  const stored = await database.getAll('marks', marksOf(id));
  let sheet = new MarkSheet(images, annotator, [...others, ...stored]);
  const files = privateFiles(id);
  const size = dataset.channels * dataset.height * dataset.width;
  const marks = sheet.marked.map((image) => ({
    ...{ image, strokes: sheet.of(image), revision: REVISION },
  }));
  const keepSheet = async (next: MarkSheet) => {
    sheet = next;
    const { others, annotator } = next;
    const kept = { ...record, others, dataset: { ...record.dataset, annotator } };
    await write(database, (transaction) => writeSheet(transaction, kept, next));
  };
  const takeMarks = async (kept: readonly Annotation[], text: string, where: string) => {
    const file = parseAnnotations(text, undefined, where);
    const people = [...new Set(file.annotations.map((each) => each.annotator))];
    const who = kept.length === 0 && people.length === 1 ? people[0] : annotator;
    await keepSheet(new MarkSheet(images, who, kept).adding(file, where));
  };
  return {
    id,
    files,
    markable: images,
    dataset: { ...dataset, marks },
    home: 'this browser',
    keeper: 'this browser',
    isWritable: turn.isWriter,
    log,
    images: (from, to) => files.read(TRAIN_IMAGES, from * size, to * size),
    async save(image: number, strokes: readonly Stroke[]) {
      const next = refusing(() => sheet.with(image, strokes));
      const annotation: Annotation = next.annotation(image);
      const key: [string, number] = [id, image];
      await write(database, async (transaction) => {
        const marks = transaction.objectStore('marks');
        await (strokes.length > 0 ? marks.put(annotation, key) : marks.delete(key));
      });
      sheet = next;
      return { image, strokes, revision: REVISION };
    },
    place: () => database.get('places', id),
    keepPlace: (place) =>
      write(database, async (to) => void (await to.objectStore('places').put(place, id))),
    conceptNames: async () => (await database.get('names', id)) ?? {},
    keepConceptNames: (names) =>
      write(database, async (to) => void (await to.objectStore('names').put(names, id))),
    released: turn.released,
    reopen: () => openBrowserProject(id),
    close: turn.end,
    wholeDataset: () => readDataset(files),
    annotations: async () => sheet.serialise(),
    addMarks: (text, where) => takeMarks(sheet.file().annotations, text, where),
    replaceMarks: (text = new MarkSheet(images, annotator).serialise(), where) =>
      takeMarks([], text, where),
    people: () => [
      ...new Set([annotator, ...sheet.file().annotations.map((each) => each.annotator)]),
    ],
    markAs: (person) => keepSheet(new MarkSheet(images, person, sheet.file().annotations)),
  };
}

async function writeSheet(transaction: Writing, record: ProjectRecord, sheet: MarkSheet) {
  const marks = transaction.objectStore('marks');
  await transaction.objectStore('projects').put(record);
  await marks.delete(marksOf(record.id));
  for (const image of sheet.marked) await marks.put(sheet.annotation(image), [record.id, image]);
}

function refusing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new RefusedError((error as Error).message);
  }
}

/** Deletes one project with everything that belongs to it. */
export async function removeProject(id: string): Promise<void> {
  await write(await openDatabase(), async (transaction) => {
    await transaction.objectStore('projects').delete(id);
    await transaction.objectStore('marks').delete(marksOf(id));
    await transaction.objectStore('places').delete(id);
    await transaction.objectStore('names').delete(id);
    const strokes = transaction.objectStore('strokes').index('project');
    for await (const cursor of strokes.iterate(id)) await cursor.delete();
  });
  await removePrivateFiles(id);
}

/** Deletes everything that this page has ever kept in this browser. */
export async function removeEverything(): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const request = indexedDB.deleteDatabase(DATABASE);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error);
  });
  await removePrivateFiles();
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith('gfsr-')) localStorage.removeItem(key);
  }
}
