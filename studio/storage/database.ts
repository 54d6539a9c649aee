// The browser's database of the page: projects, marks, the log of strokes, names of concepts, and where a person was.

import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from 'idb';
import type { Annotation, Stroke } from '../../gfsr/annotation/annotations.ts';
import type { MarkableImages } from '../../gfsr/annotation/markable-images.ts';
import type { ConceptNames, MarkedDataset, Place } from './project.ts';

/** A data set in this browser. Its pixels are files beside the database. */
export interface ProjectRecord {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly opened: number;
  readonly dataset: Omit<MarkedDataset, 'marks'>;
  readonly images: MarkableImages;
  /** Images of all splits. */
  readonly count: number;
  /** Marks of other people, and on other images, as an opened file had them. */
  readonly others: readonly Annotation[];
}

/** Strokes of an image after a change. */
export interface LoggedEvent {
  readonly project: string;
  /** Id; an index in logs of before. */
  readonly image: string | number;
  /** Size and place of the image while they were drawn; logs of before do not have it. */
  readonly frame?: string;
  readonly strokes: readonly Stroke[];
  /** As `LoggedStrokes`. */
  readonly base?: string;
}

interface Schema extends DBSchema {
  projects: { key: string; value: ProjectRecord };
  /** By project and image: what the file of annotations says of it. */
  marks: { key: [string, number]; value: Annotation };
  /** Events by their number. */
  strokes: {
    key: number;
    value: LoggedEvent;
    indexes: { project: string };
  };
  /** By project. */
  places: { key: string; value: Place };
  /** By project. */
  names: { key: string; value: ConceptNames };
}

export type Database = IDBPDatabase<Schema>;

export const DATABASE = 'gfsr-studio';

export const openDatabase = (): Promise<Database> =>
  openDB<Schema>(DATABASE, 2, {
    upgrade(database, before) {
      if (before < 1) {
        database.createObjectStore('projects', { keyPath: 'id' });
        database.createObjectStore('marks');
        database
          .createObjectStore('strokes', { autoIncrement: true })
          .createIndex('project', 'project');
        database.createObjectStore('places');
      }
      database.createObjectStore('names');
    },
    // A tab that deletes everything must not wait for this one.
    blocking: (_current, _next, event) => (event.target as IDBDatabase).close(),
  });

const STORES = ['projects', 'marks', 'strokes', 'places', 'names'] as const;

/** A transaction that writes, in any of the stores. */
export type Writing = IDBPTransaction<Schema, typeof STORES, 'readwrite'>;

/**
 * All writing goes through here. A transaction takes all stores, so that the browser lets only one write at a time, in
 * whatever tab or worker: Chromium (156) deletes the database if it is killed while two transactions write.
 *
 * @param durability "strict" survives a power cut as well: the browser flushes before it says that it has written
 */
export async function write<T>(
  database: Database,
  work: (transaction: Writing) => Promise<T>,
  durability: IDBTransactionDurability = 'default',
): Promise<T> {
  const transaction = database.transaction(STORES, 'readwrite', { durability });
  const [result] = await Promise.all([work(transaction), transaction.done]);
  return result;
}

/** Everything in the database that belongs to one project. */
export const marksOf = (project: string): IDBKeyRange =>
  IDBKeyRange.bound([project], [project, Number.POSITIVE_INFINITY]);
