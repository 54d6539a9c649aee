// The store that all machines of a queue share: records, warm starts by adapter, and copies of data.

import type { TrialFiles } from '../compare/trial-files.ts';
import type { TrialRecord } from '../compare/trial-record.ts';
import { valueHash } from '../files/content-hash.ts';

/** Any number of machines may read and write at once: everything appears whole, and has a checksum. */
export interface SharedStore {
  /** Undefined if the trial is not finished. @throws RangeError for a damaged record */
  load(key: string): Promise<TrialRecord | undefined>;
  /** Keeps a record, unless there is one. @throws Error if it cannot be written, as when the store is full */
  save(record: TrialRecord): Promise<void>;
  /**
   * Runs a trial with the warm starts of one adapter: those of another have other bits.
   *
   * @param key of its warm start
   * @throws Error if the store cannot be read or written
   */
  withWarmStart<T>(
    adapter: string,
    key: string,
    body: (files: TrialFiles) => Promise<T>,
  ): Promise<T>;
  /**
   * Copies a file or folder of data into the store, once.
   *
   * @param sha256 fingerprint of its images
   * @returns the name of the copy
   */
  addData(source: string, sha256: string): Promise<string>;
  /** The path of a copy of data on this machine; undefined if the store has none. */
  dataPath(copy: string | undefined): Promise<string | undefined>;
}

/** Name of a copy of data, in any store. */
export const copyName = (name: string, sha256: string): string =>
  `data/${sha256.slice(0, 16)}/${name}`;

/** Folder of the warm starts of an adapter, in any store. */
export const adapterFolder = (adapter: string): string => `adapters/${valueHash(adapter)}`;
