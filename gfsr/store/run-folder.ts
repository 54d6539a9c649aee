// A run on disk: settings, record, checkpoints and masks, written so that it can be killed and resumed at any moment.

import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Config, defaultConfig } from '../config/config.ts';
import { inRooms } from '../config/old-names.ts';
import { parseConfig } from '../config/parse.ts';
import { SETTINGS, settingValue } from '../config/settings.ts';
import { appendFrom } from '../files/append-file.ts';
import { writeAtomically, writePartsAtomically } from '../files/atomic-file.ts';
import { contentHash, valueHash } from '../files/content-hash.ts';
import { type FolderLock, LOCK, lockFolder } from '../files/folder-lock.ts';
import { makeFolder } from '../files/make-folder.ts';
import { readIfThere, readTextSync } from '../files/read-file.ts';
import { systemReason } from '../files/system-error.ts';
import { asFileName } from '../text/file-name.ts';
import { parseJson, toJson } from '../text/json.ts';
import { inShell, shellCommand } from '../text/shell.ts';
import { cut } from '../text/visible.ts';
import { CHECKPOINTS, CONFIG, INFO, identityOf, Run } from './run.ts';
import { beginRun, parseRunInfo, type RunContext, type RunInfo } from './run-info.ts';

/** The command that continues the run in a folder, with more flags or none. */
export const resumeCommand = (path: string, ...flags: readonly string[]): string =>
  shellCommand('gfsr', 'train', '--resume', path, ...flags);

/** The folder of one run on the disk. */
export class RunFolder extends Run {
  /** Path of the folder. */
  readonly path: string;
  #lock?: FolderLock;

  private constructor(path: string, config: Config, info: RunInfo) {
    super(config, info);
    this.path = path;
  }

  /**
   * Starts a run in a folder that is new or empty, and keeps other processes out until `close`.
   *
   * @param files what else decides the result, kept in the folder: contents by name
   * @throws RangeError if the folder is not empty, or cannot be created
   */
  static create(
    path: string,
    config: Config,
    context: RunContext,
    files: ReadonlyMap<string, string | Uint8Array> = new Map(),
  ): RunFolder {
    const entries = listFolder(path) ?? [];
    if (entries.includes(INFO)) {
      throw new RangeError(
        `${path}: there is already a run in this folder. Continue it (--resume ${inShell(path)}), or choose another folder.`,
      );
    }
    // A lock without a run is one of a process that was killed before its first word.
    if (entries.length > 0 && !entries.includes(LOCK)) {
      throw new RangeError(
        `${path}: is not empty (it contains ${entries[0]}). Choose a new folder.`,
      );
    }
    const inputs = new Map([[CONFIG, toJson(config)], ...files]);
    const hashes = [...inputs].map(([name, content]) => [name, contentHash(content)]);
    const folder = new RunFolder(path, config, beginRun(context, Object.fromEntries(hashes)));
    folder.lock();
    try {
      for (const [name, content] of inputs) folder.write(name, content);
      folder.update({}); // last, so that a folder with a run.json is complete
    } catch (error) {
      for (const name of [INFO, ...inputs.keys()]) rmSync(join(path, name), { force: true });
      folder.close();
      throw error;
    }
    return folder;
  }

  /**
   * Opens the folder of a run, to resume it or to use its content. Writes nothing.
   *
   * @param config if given, settings that must equal those of the run
   * @throws RangeError if it is missing, damaged or not a run folder; or with the first setting that differs
   */
  static open(path: string, config?: Config): RunFolder {
    const entries = listFolder(path);
    if (!entries) throw new RangeError(`${path}: no such folder, expected the folder of a run.`);
    if (!entries.includes(INFO) || !entries.includes(CONFIG)) {
      throw new RangeError(`${path}: is not a run folder, expected ${INFO} and ${CONFIG} in it.`);
    }
    const read = (name: string) => readTextSync(join(path, name));
    const file = join(path, CONFIG);
    const settings = parseConfig(
      inRooms(Object(parseJson(read(CONFIG), file))),
      defaultConfig,
      file,
    );
    const info = parseRunInfo(read(INFO), join(path, INFO));
    if (config) checkSame(path, settings, config);
    return new RunFolder(path, settings, info);
  }

  /**
   * Keeps other processes out until `close`.
   *
   * @throws RangeError naming the process that has the folder
   */
  lock(): void {
    makeFolder(this.path);
    this.#lock ??= lockFolder(this.path);
    // Nobody else writes here now: what a killed process left half written is of no use.
    try {
      for (const folder of [this.path, join(this.path, CHECKPOINTS)]) {
        for (const name of listFolder(folder) ?? []) {
          if (name.endsWith('.tmp')) rmSync(join(folder, name), { force: true });
        }
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Gives the folder back; the record and the files can still be read. */
  override close(): void {
    this.#lock?.release();
    this.#lock = undefined;
  }

  /** @throws RangeError naming the first file that decides the result and is no longer what the run began with */
  checkInputs(): void {
    for (const [name, hash] of Object.entries(this.info.inputs ?? {})) {
      const file = join(this.path, name);
      const content = readIfThere(file);
      if (content && contentHash(content) === hash) continue;
      throw new RangeError(
        `${file}: ${content ? 'was changed' : 'is gone'} since this run began, and decides its result. Put it back as it was, or begin a new run.`,
      );
    }
  }

  /** Path of a file of the run. */
  override locate(name: string): string {
    return join(this.path, name);
  }

  /** Writes a file whole or not at all. Returns its path. */
  override write(name: string, content: string | Uint8Array): string {
    const path = this.locate(name);
    makeFolder(dirname(path));
    writeAtomically(path, content);
    return path;
  }

  /** The same with content that comes in parts, of which one at a time is in memory. */
  override writeParts(name: string, parts: Iterable<Uint8Array>): string {
    const path = this.locate(name);
    makeFolder(dirname(path));
    writePartsAtomically(path, parts);
    return path;
  }

  /** Replaces what follows byte `at` of a file, and flushes it to the disk. A kill meanwhile leaves a part of it. */
  protected override async append(name: string, content: Uint8Array, at: number): Promise<void> {
    appendFrom(this.locate(name), content, at);
  }

  /** Content of a file; undefined if there is none. */
  override async read(name: string): Promise<Uint8Array | undefined> {
    return readIfThere(this.locate(name));
  }

  /** What a state must have been written by to be taken up; undefined in runs whose inputs are not known. */
  protected override ownerOf(name: string): string | undefined {
    return this.info.inputs && `${name} of run ${valueHash(identityOf(this.info))}`;
  }
}

/** `runs/<data>-<yyyymmdd-hhmmss>`, in local time. If the data is a path, its last part without .npz. */
export function defaultRunPath(data: string, now = new Date()): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const date = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  const time = `${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
  const name = basename(data.replaceAll('\\', '/')).replace(/\.npz$/i, '');
  const safe = asFileName(name).replace(/^[.-]+/, '') || 'data';
  return join('runs', `${safe}-${date}-${time}`);
}

function checkSame(path: string, before: Config, now: Config): void {
  for (const setting of SETTINGS) {
    const [a, b] = [before, now].map((config) => JSON.stringify(settingValue(config, setting)));
    if (a === b) continue;
    throw new RangeError(
      `${path}: ${setting.path} is ${b}, expected ${a}, as when the run began. Resume it with the same settings, or start a new run.`,
    );
  }
}

/** Names in a folder; undefined if there is no such folder. @throws RangeError if it is a file, or cannot be read */
function listFolder(path: string): string[] | undefined {
  try {
    return readdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    const why =
      code === 'ENOTDIR'
        ? 'is a file, expected a folder'
        : `cannot be read: ${systemReason(error)}`;
    throw new RangeError(`${cut(path, 300)}: ${why}.`);
  }
}
