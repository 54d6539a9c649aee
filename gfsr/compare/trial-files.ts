// Trials on disk: one file per finished trial and per warm start, each written as a whole or not at all.

import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { writeAtomically } from '../files/atomic-file.ts';
import { makeFolder } from '../files/make-folder.ts';
import { readBytesSync, readTextSync } from '../files/read-file.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../store/checkpoint-file.ts';
import type { Checkpoint } from '../train/checkpoint.ts';
import { formatTrialRecord, parseTrialRecord, type TrialRecord } from './trial-record.ts';

/**
 * `trials/<key>.json` is a finished trial, `warm-starts/<key>.safetensors` a shared start; both with a checksum.
 * Several processes may write here: a file appears whole, and two of the same name say the same.
 */
export class TrialFiles {
  readonly path: string;

  /** @param path the folder, which is made with its first file */
  constructor(path: string) {
    this.path = path;
  }

  /** Undefined if the trial is not finished. @throws RangeError for a damaged file */
  loadTrial(key: string): TrialRecord | undefined {
    const path = join(this.path, trialFile(key));
    return existsSync(path) ? parseTrialRecord(readTextSync(path), key, path) : undefined;
  }

  saveTrial(record: TrialRecord): void {
    this.write(trialFile(record.key), formatTrialRecord(record));
  }

  /** Undefined if there is none. @throws RangeError for a file that is damaged or of other trials */
  loadWarmStart(key: string): Checkpoint | undefined {
    const path = join(this.path, warmFile(key));
    return existsSync(path) ? decodeCheckpoint(readBytesSync(path), path, ownerOf(key)) : undefined;
  }

  saveWarmStart(key: string, checkpoint: Checkpoint): void {
    this.write(warmFile(key), encodeCheckpoint(checkpoint, ownerOf(key)));
  }

  /** Writes a file of the comparison. Returns its path. */
  write(name: string, content: string | Uint8Array): string {
    const path = join(this.path, name);
    makeFolder(dirname(path));
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

/** Path of a finished trial in the folder. */
export const trialFile = (key: string): string => `trials/${key}.json`;
const ownerOf = (key: string): string => `warm start ${key}`;
/** Path of a warm start in the folder. */
export const warmFile = (key: string): string => `warm-starts/${key}.safetensors`;
