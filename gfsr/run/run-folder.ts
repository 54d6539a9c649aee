// A run on disk: settings, record, checkpoints and masks, written so that it can be killed and resumed at any moment.

import { mkdir, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Config, parseConfig, parseConfigFile } from '../config.ts';
import type { Dataset } from '../data/dataset.ts';
import type { CheckpointName, ExperimentStore } from '../experiment.ts';
import type { Checkpoint, GuidancePlan } from '../trainer.ts';
import { toJson, writeAtomically } from './atomic-file.ts';
import { decodeCheckpoint, decodePlan, encodeCheckpoint, encodePlan } from './checkpoint-file.ts';
import {
  beginRun,
  describeData,
  parseRunInfo,
  type RunContext,
  type RunInfo,
  type RunStatus,
} from './run-info.ts';

const CONFIG = 'config.json';
const INFO = 'run.json';
const CHECKPOINTS = 'checkpoints';
const SPLITS = ['train', 'val', 'test'] as const;

/**
 * The folder of one run. `config.json` holds every setting, `run.json` the record (`RunInfo`), `checkpoints/` the
 * training state of each arm and the masks. It is an `ExperimentStore`: give it to `runExperiment`.
 */
export class RunFolder implements ExperimentStore {
  readonly path: string;
  readonly config: Config;
  #info: RunInfo;
  #since = performance.now();

  private constructor(path: string, config: Config, info: RunInfo) {
    this.path = path;
    this.config = config;
    this.#info = info;
  }

  /**
   * Begins a run in a folder that is new or empty.
   *
   * @throws RangeError if something is in it already, or it cannot be made
   */
  static async create(path: string, config: Config, context: RunContext): Promise<RunFolder> {
    const entries = await listFolder(path);
    if (entries?.includes(INFO)) {
      throw new RangeError(
        `run folder: there is a run in ${path} already. Resume it (--resume ${path}), or choose another folder.`,
      );
    }
    if (entries && entries.length > 0) {
      throw new RangeError(
        `run folder: ${path} is not empty (${entries[0]}). Choose a new folder.`,
      );
    }
    try {
      await mkdir(join(path, CHECKPOINTS), { recursive: true });
    } catch (error) {
      throw new RangeError(`run folder: cannot make ${path} (${(error as Error).message}).`);
    }
    const folder = new RunFolder(path, config, beginRun(context));
    await writeAtomically(folder.file(CONFIG), toJson(config));
    await folder.#saveInfo(); // last: what has a run.json is complete
    return folder;
  }

  /**
   * Opens the folder of a run, to resume it or to use what it holds; nothing is written.
   *
   * @throws RangeError if it is missing, no run folder, or damaged
   */
  static async open(path: string): Promise<RunFolder> {
    const entries = await listFolder(path);
    if (!entries) throw new RangeError(`run folder: no such folder, got "${path}".`);
    if (!entries.includes(INFO) || !entries.includes(CONFIG)) {
      throw new RangeError(
        `run folder: ${path} is no run folder, expected ${INFO} and ${CONFIG} in it.`,
      );
    }
    const where = (name: string) => join(path, name);
    const settings = parseConfigFile(await readFile(where(CONFIG), 'utf8'), where(CONFIG));
    const info = parseRunInfo(await readFile(where(INFO), 'utf8'), where(INFO));
    return new RunFolder(path, parseConfig(settings), info);
  }

  /** The record of the run, as in `run.json`; `seconds` includes the session under way. */
  get info(): RunInfo {
    const session = this.#info.status === 'running' ? (performance.now() - this.#since) / 1000 : 0;
    return { ...this.#info, seconds: this.#info.seconds + session };
  }

  /** Path of a file in the folder. */
  file(name: string): string {
    return join(this.path, name);
  }

  /**
   * Goes on with a run: its settings and data must be the same as when it began.
   *
   * @throws RangeError naming the first setting that differs, or the split
   */
  async resume(config: Config, dataset: Dataset): Promise<void> {
    this.#checkConfig(config);
    this.#checkData(dataset);
    this.#since = performance.now();
    this.#info = { ...this.#info, status: 'running' };
    await this.#saveInfo();
  }

  /** Says how the session ended, and adds its time. */
  async close(status: Exclude<RunStatus, 'running'>): Promise<void> {
    this.#info = { ...this.info, status };
    await this.#saveInfo();
  }

  async load(name: CheckpointName): Promise<Checkpoint | undefined> {
    const bytes = await readIfThere(this.#checkpoint(name));
    return bytes && decodeCheckpoint(bytes, this.#checkpoint(name));
  }

  async save(name: CheckpointName, checkpoint: Checkpoint): Promise<void> {
    await writeAtomically(this.#checkpoint(name), encodeCheckpoint(checkpoint));
  }

  async loadPlan(): Promise<(GuidancePlan & { readonly step: number }) | undefined> {
    const bytes = await readIfThere(this.#checkpoint('plan'));
    return bytes && decodePlan(bytes, this.#checkpoint('plan'));
  }

  async savePlan(plan: GuidancePlan & { readonly step: number }): Promise<void> {
    await writeAtomically(this.#checkpoint('plan'), encodePlan(plan));
  }

  #checkpoint(name: CheckpointName | 'plan'): string {
    return join(this.path, CHECKPOINTS, `${name}.safetensors`);
  }

  async #saveInfo(): Promise<void> {
    this.#info = { ...this.#info, updated: new Date().toISOString() };
    await writeAtomically(this.file(INFO), toJson(this.#info));
  }

  #checkConfig(config: Config): void {
    for (const key of Object.keys(this.config) as (keyof Config)[]) {
      const [before, now] = [this.config[key], config[key]].map((value) => JSON.stringify(value));
      if (before === now) continue;
      throw new RangeError(
        `run folder: ${this.path} was begun with ${key} ${before}, got ${now}. Resume it with the same settings, or begin a new run.`,
      );
    }
  }

  #checkData(dataset: Dataset): void {
    const [before, now] = [this.#info.data, describeData(dataset)];
    const changed = SPLITS.find((name) => before.splits[name].sha256 !== now.splits[name].sha256);
    if (!changed) return;
    throw new RangeError(
      `run folder: the ${changed} images of ${now.name} are not those that ${this.path} was begun with. Begin a new run.`,
    );
  }
}

/** `runs/<data>-<yyyymmdd-hhmmss>`, local time; of a path as data, its last part without .npz. */
export function defaultRunPath(data: string, now = new Date()): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const date = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  const time = `${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
  const name = basename(data.replace(/\\/g, '/')).replace(/\.npz$/i, '');
  const safe = name.replace(/[^\w.-]+/g, '-').replace(/^[.-]+/, '') || 'data';
  return join('runs', `${safe}-${date}-${time}`);
}

/** Names in a folder; undefined if there is no such folder. @throws RangeError if it is a file, or cannot be read */
async function listFolder(path: string): Promise<string[] | undefined> {
  try {
    return await readdir(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    const why = code === 'ENOTDIR' ? 'is a file, expected a folder' : `cannot be read (${message})`;
    throw new RangeError(`run folder: ${path} ${why}.`);
  }
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
