// The folder of a comparison: its trials, and tables that one process at a time writes.

import { existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { valueHash } from '../files/content-hash.ts';
import { type FolderLock, LOCK, lockFolder } from '../files/folder-lock.ts';
import { makeFolder } from '../files/make-folder.ts';
import { readTextSync } from '../files/read-file.ts';
import { parseJson } from '../text/json.ts';
import { TrialFiles } from './trial-files.ts';

/** What the folder of a comparison always contains. */
const CONFIG = 'comparison.json';
/** What a finished comparison has; `table.json` is moved last, so that a kill on the way loses nothing. */
const TABLES = ['table.md', 'table.csv', 'table.tex', 'report.html', 'best.json', 'table.json'];

/**
 * `comparison.json` is the configuration last used, `trials/<key>.json` a finished trial,
 * `warm-starts/<key>.safetensors` a shared start. A trial is there completely or not at all, so a comparison that was
 * killed at any moment continues with the missing ones. Trials of other configurations do no harm. Only one process can
 * use the folder at a time.
 */
export class ComparisonFolder extends TrialFiles {
  /** Where tables of other trials are now, if there were any. */
  kept?: string;
  readonly #lock: FolderLock;

  private constructor(path: string) {
    super(path);
    makeFolder(path);
    this.#lock = lockFolder(path);
  }

  /**
   * Opens a folder that is new, empty, or a comparison's, and keeps other processes out until it is closed.
   *
   * Tables of other trials are moved into a folder `earlier/<hash>`, which `kept` names.
   *
   * @param trials keys of the trials that the tables will be about
   * @throws RangeError if it contains something else, or if another process uses it
   */
  static open(path: string, config: string, trials: readonly string[] = []): ComparisonFolder {
    const entries = existsSync(path) ? readdirSync(path) : [];
    // Only a lock: the comparison was killed before it wrote anything.
    const known = (name: string) => name.startsWith(CONFIG) || name.startsWith(LOCK);
    const foreign = entries.length > 0 && !entries.some(known);
    if (foreign) {
      throw new RangeError(
        `${path}: is not the folder of a comparison (it contains ${entries[0]}). Choose a new one with --out.`,
      );
    }
    const folder = new ComparisonFolder(path);
    try {
      folder.#keepEarlier(trials);
      folder.write(CONFIG, config);
    } catch (error) {
      folder.close();
      throw error;
    }
    return folder;
  }

  close(): void {
    this.#lock.release();
  }

  #keepEarlier(trials: readonly string[]): void {
    const file = join(this.path, 'table.json');
    if (!existsSync(file)) return;
    const { trials: before = [] } = Object(parseJson(readTextSync(file), file));
    if (valueHash(before) === valueHash(trials)) return;
    this.kept = join(this.path, 'earlier', valueHash(before));
    makeFolder(this.kept);
    for (const name of [CONFIG, ...TABLES]) {
      const old = join(this.path, name);
      if (existsSync(old)) renameSync(old, join(this.kept, name));
    }
  }
}
