// A run on disk: settings, record, checkpoints and masks, written so that it can be killed and resumed at any moment.

import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Config, defaultConfig } from '../config/config.ts';
import { inRooms } from '../config/old-names.ts';
import { parseConfig } from '../config/parse.ts';
import { SETTINGS, settingValue } from '../config/settings.ts';
import { toJson, writeAtomically } from '../files/atomic-file.ts';
import { parseJson } from '../text/json.ts';
import type { Checkpoint } from '../train/checkpoint.ts';
import type { CheckpointName, ExperimentStore } from '../train/experiment.ts';
import type { DatedSupervision } from '../train/supervision.ts';
import {
  decodeCheckpoint,
  decodeSupervision,
  encodeCheckpoint,
  encodeSupervision,
} from './checkpoint-file.ts';
import { beginRun, parseRunInfo, type RunContext, type RunInfo } from './run-info.ts';

const CONFIG = 'config.json';
const INFO = 'run.json';

/**
 * The folder of one run: `config.json` holds every setting, `run.json` the record (`RunInfo`), `checkpoints/` the
 * training state of each arm and the masks. It is an `ExperimentStore`: pass it to `runExperiment`, and nothing that
 * was computed before is computed again.
 */
export class RunFolder implements ExperimentStore {
  /** Path of the folder. */
  readonly path: string;
  /** Every setting, as the run began. */
  readonly config: Config;
  #info: RunInfo;

  private constructor(path: string, config: Config, info: RunInfo) {
    this.path = path;
    this.config = config;
    this.#info = info;
  }

  /**
   * Starts a run in a folder that is new or empty.
   *
   * @throws RangeError if the folder is not empty, or cannot be created
   */
  static create(path: string, config: Config, context: RunContext): RunFolder {
    const entries = listFolder(path) ?? [];
    if (entries.includes(INFO)) {
      throw new RangeError(
        `${path}: there is already a run in this folder. Continue it (--resume ${path}), or choose another folder.`,
      );
    }
    if (entries.length > 0) {
      throw new RangeError(
        `${path}: is not empty (it contains ${entries[0]}). Choose a new folder.`,
      );
    }
    const folder = new RunFolder(path, config, beginRun(context));
    folder.write(CONFIG, toJson(config));
    folder.update({}); // last, so that a folder with a run.json is complete
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
    const read = (name: string) => readFileSync(join(path, name), 'utf8');
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

  /** The record of the run, as in `run.json`. */
  get info(): RunInfo {
    return this.#info;
  }

  /** Updates the record with these changes. */
  update(changes: Partial<Pick<RunInfo, 'status' | 'seconds' | 'steps'>>): void {
    this.#info = { ...this.#info, ...changes };
    this.write(INFO, toJson(this.#info));
  }

  /** Writes a file of the run, as a whole or not at all. Returns its path. `name` may lie in a subfolder. */
  write(name: string, content: string | Uint8Array): string {
    const path = join(this.path, name);
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeAtomically(path, content);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const why = code === 'ENOSPC' ? 'the disk is full. Free some space, and resume' : message;
      throw new Error(`${path}: cannot write: ${why}.`, { cause: error });
    }
    return path;
  }

  /** The last checkpoint of an arm; undefined if the arm has not started. */
  async load(name: CheckpointName): Promise<Checkpoint | undefined> {
    const path = this.#state(name);
    const bytes = readIfThere(path);
    return bytes && decodeCheckpoint(bytes, path);
  }

  /** Replaces the last checkpoint. */
  async save(name: CheckpointName, checkpoint: Checkpoint): Promise<void> {
    this.write(stateFile(name), encodeCheckpoint(checkpoint));
  }

  /** The masks of the guided arm; undefined before they exist. */
  async loadSupervision(): Promise<DatedSupervision | undefined> {
    const path = this.#state('plan');
    const bytes = readIfThere(path);
    return bytes && decodeSupervision(bytes, path);
  }

  /** Replaces the masks of the guided arm. */
  async saveSupervision(supervision: DatedSupervision): Promise<void> {
    this.write(stateFile('plan'), encodeSupervision(supervision));
  }

  #state(name: CheckpointName | 'plan'): string {
    return join(this.path, stateFile(name));
  }
}

/** `runs/<data>-<yyyymmdd-hhmmss>`, in local time. If the data is a path, its last part without .npz. */
export function defaultRunPath(data: string, now = new Date()): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const date = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  const time = `${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
  const name = basename(data.replaceAll('\\', '/')).replace(/\.npz$/i, '');
  const safe = name.replace(/[^\w.-]+/g, '-').replace(/^[.-]+/, '') || 'data';
  return join('runs', `${safe}-${date}-${time}`);
}

/** Not `<arm>.safetensors`: those are the final weights, without the optimiser's state. */
const stateFile = (name: CheckpointName | 'plan'): string =>
  `checkpoints/state-${name}.safetensors`;

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
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    const why = code === 'ENOTDIR' ? 'is a file, expected a folder' : `cannot be read (${message})`;
    throw new RangeError(`${path}: ${why}.`);
  }
}

function readIfThere(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
