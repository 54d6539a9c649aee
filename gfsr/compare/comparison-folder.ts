// A comparison on disk: one file per finished trial and per warm start, each written as a whole or not at all.

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { writeAtomically } from '../files/atomic-file.ts';
import { valueHash } from '../files/content-hash.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../store/checkpoint-file.ts';
import { type FolderLock, LOCK, lockFolder } from '../store/folder-lock.ts';
import { parseJson } from '../text/json.ts';
import type { Checkpoint } from '../train/checkpoint.ts';
import { formatTrialRecord, parseTrialRecord, type TrialRecord } from './trial-record.ts';

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
export class ComparisonFolder {
  readonly path: string;
  /** Where tables of other trials are now, if there were any. */
  kept?: string;
  readonly #lock: FolderLock;

  private constructor(path: string) {
    this.path = path;
    mkdirSync(path, { recursive: true });
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
    folder.#keepEarlier(trials);
    folder.write(CONFIG, config);
    return folder;
  }

  close(): void {
    this.#lock.release();
  }

  #keepEarlier(trials: readonly string[]): void {
    const file = join(this.path, 'table.json');
    if (!existsSync(file)) return;
    const { trials: before = [] } = Object(parseJson(readFileSync(file, 'utf8'), file));
    if (valueHash(before) === valueHash(trials)) return;
    this.kept = join(this.path, 'earlier', valueHash(before));
    mkdirSync(this.kept, { recursive: true });
    for (const name of [CONFIG, ...TABLES]) {
      const old = join(this.path, name);
      if (existsSync(old)) renameSync(old, join(this.kept, name));
    }
  }

  /** Undefined if the trial is not finished. @throws RangeError for a damaged file */
  loadTrial(key: string): TrialRecord | undefined {
    const path = join(this.path, trialFile(key));
    return existsSync(path) ? parseTrialRecord(readFileSync(path, 'utf8'), key, path) : undefined;
  }

  saveTrial(record: TrialRecord): void {
    this.write(trialFile(record.key), formatTrialRecord(record));
  }

  /** Undefined if there is none. @throws RangeError for a file that is damaged or of other trials */
  loadWarmStart(key: string): Checkpoint | undefined {
    const path = join(this.path, warmFile(key));
    return existsSync(path) ? decodeCheckpoint(readFileSync(path), path, ownerOf(key)) : undefined;
  }

  saveWarmStart(key: string, checkpoint: Checkpoint): void {
    this.write(warmFile(key), encodeCheckpoint(checkpoint, ownerOf(key)));
  }

  /** Writes a file of the comparison. Returns its path. */
  write(name: string, content: string | Uint8Array): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeAtomically(path, content);
    return path;
  }
}

/** Keys of the trials in a folder; empty if there is no such folder. */
export function finishedTrials(path: string): ReadonlySet<string> {
  const trials = join(path, dirname(trialFile('')));
  const files = existsSync(trials) ? readdirSync(trials) : [];
  return new Set(
    files.flatMap((file) => (file.endsWith('.json') ? [basename(file, '.json')] : [])),
  );
}

const trialFile = (key: string): string => `trials/${key}.json`;
const ownerOf = (key: string): string => `warm start ${key}`;
const warmFile = (key: string): string => `warm-starts/${key}.safetensors`;
