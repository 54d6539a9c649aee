// A shared folder as the store of a queue.

import { randomUUID } from 'node:crypto';
import { cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TrialFiles } from '../compare/trial-files.ts';
import type { TrialRecord } from '../compare/trial-record.ts';
import { makeFolder } from '../files/make-folder.ts';
import { FileError, isOfSystem, systemReason } from '../files/system-error.ts';
import { quoted } from '../text/visible.ts';
import { adapterFolder, copyName, type SharedStore } from './store.ts';

/** A folder that all machines see. */
export class FolderStore implements SharedStore {
  readonly #path: string;
  readonly #records: TrialFiles;

  /** @param address `file:///mnt/lab`; @throws RangeError if it names no folder of this machine */
  constructor(address: string) {
    try {
      this.#path = fileURLToPath(address);
    } catch {
      throw new RangeError(
        `--store: got ${quoted(address)}, expected a folder that all machines see, such as file:///mnt/lab.`,
      );
    }
    this.#records = new TrialFiles(this.#path);
  }

  async load(key: string): Promise<TrialRecord | undefined> {
    return this.#records.loadTrial(key);
  }

  async save(record: TrialRecord): Promise<void> {
    await this.#written(async () => {
      if (!(await this.load(record.key))) this.#records.saveTrial(record);
    });
  }

  withWarmStart<T>(
    adapter: string,
    _key: string,
    body: (files: TrialFiles) => Promise<T>,
  ): Promise<T> {
    const files = new TrialFiles(join(this.#path, adapterFolder(adapter)));
    return this.#written(() => body(files));
  }

  async addData(source: string, sha256: string): Promise<string> {
    const copy = copyName(basename(source), sha256);
    const path = join(this.#path, copy);
    const beside = `${path}.${randomUUID()}.tmp`;
    await this.#written(async () => {
      if (existsSync(path)) return;
      makeFolder(dirname(path));
      try {
        cpSync(source, beside, { recursive: true });
        renameSync(beside, path);
      } finally {
        rmSync(beside, { recursive: true, force: true });
      }
    });
    return copy;
  }

  async dataPath(copy: string | undefined): Promise<string | undefined> {
    const path = copy === undefined ? undefined : join(this.#path, copy);
    return path !== undefined && existsSync(path) ? path : undefined;
  }

  /** Says what a failed call of the file system means here: the folder is full, gone, or not ours. */
  async #written<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof FileError || isOfSystem(error))) throw error;
      throw new Error(`store: ${this.#path} cannot be written: ${systemReason(error)}.`, {
        cause: error,
      });
    }
  }
}
