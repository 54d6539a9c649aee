// The folder that all machines of a queue share: records, warm starts by adapter, and copies of data.

import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TrialFiles } from '../compare/trial-files.ts';
import type { TrialRecord } from '../compare/trial-record.ts';
import { valueHash } from '../files/content-hash.ts';
import { quoted } from '../text/visible.ts';

/** A shared folder. Files appear whole and have checksums, so any number of machines may write at once. */
export class SharedStore {
  readonly #path: string;
  readonly #records: TrialFiles;

  /** @param address `file:///mnt/lab`; @throws RangeError for another kind of address */
  constructor(address: string) {
    let path: string;
    try {
      path = fileURLToPath(address);
    } catch {
      throw new RangeError(
        `--store: got ${quoted(address)}, expected a folder that all machines see, such as file:///mnt/lab.`,
      );
    }
    this.#path = path;
    this.#records = new TrialFiles(path);
  }

  /** Undefined if the trial is not finished. @throws RangeError for a damaged record */
  load(key: string): TrialRecord | undefined {
    return this.#records.loadTrial(key);
  }

  /** Keeps a record, unless there is one. @throws Error if the folder cannot be written, as when it is full */
  save(record: TrialRecord): void {
    this.#written(() => {
      if (!this.load(record.key)) this.#records.saveTrial(record);
    });
  }

  /** Where warm starts of one adapter are: those of another have other bits. */
  warmStarts(adapter: string): TrialFiles {
    return new TrialFiles(join(this.#path, 'adapters', valueHash(adapter)));
  }

  /**
   * Copies a file or folder of data into the store, once.
   *
   * @param sha256 fingerprint of its images
   * @returns the path of the copy in the store
   */
  addData(source: string, sha256: string): string {
    const copy = `data/${sha256.slice(0, 16)}/${basename(source)}`;
    const path = join(this.#path, copy);
    const beside = `${path}.${process.pid}.tmp`;
    this.#written(() => {
      if (existsSync(path)) return;
      mkdirSync(dirname(path), { recursive: true });
      try {
        cpSync(source, beside, { recursive: true });
        renameSync(beside, path);
      } finally {
        rmSync(beside, { recursive: true, force: true });
      }
    });
    return copy;
  }

  /** The path of a copy of data; undefined if the store has none. */
  dataPath(copy: string | undefined): string | undefined {
    const path = copy === undefined ? undefined : join(this.#path, copy);
    return path !== undefined && existsSync(path) ? path : undefined;
  }

  /** What a failed call of the file system means here: the folder is full, gone, or not ours. Other errors stay. */
  explain(error: unknown): unknown {
    const { syscall, message } = error as NodeJS.ErrnoException;
    if (syscall === undefined) return error;
    return new Error(`store: ${this.#path} cannot be written: ${message}.`, { cause: error });
  }

  #written(write: () => void): void {
    try {
      write();
    } catch (error) {
      throw this.explain(error);
    }
  }
}
