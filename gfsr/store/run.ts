// A run: settings, record, checkpoints and result files, wherever it is kept.

import type { Config } from '../config/config.ts';
import { joinBytes } from '../files/join-bytes.ts';
import { toJson } from '../text/json.ts';
import type { Checkpoint } from '../train/checkpoint.ts';
import type { CheckpointName, ExperimentStore } from '../train/experiment.ts';
import type { DatedSupervision } from '../train/supervision.ts';
import type { StepReport } from '../train/train-hooks.ts';
import {
  decodeCheckpoint,
  decodeSupervision,
  encodeCheckpoint,
  supervisionParts,
} from './checkpoint-file.ts';
import type { RunInfo } from './run-info.ts';
import { continueLog, type LoggedStep } from './step-log.ts';

export const CONFIG = 'config.json';
export const INFO = 'run.json';
export const CHECKPOINTS = 'checkpoints';
/** The annotations of a run, from any source, so that a resumed run uses the same ones. */
export const ANNOTATIONS = 'annotations.json';

/** Weights that a run of a page started from. A run of the command line knows the path of their file. */
export const STARTING_WEIGHTS = 'start.safetensors';

/** What a run keeps beside its results. */
type StateName = CheckpointName | 'plan';

/**
 * One run: `config.json` holds every setting, `run.json` the record (`RunInfo`), `checkpoints/` the training state of
 * each arm and the masks, `steps/` the log of each arm. It is an `ExperimentStore`: pass it to `runExperiment`, and
 * nothing that was computed before is computed again. Subclasses say where its files are.
 */
export abstract class Run implements ExperimentStore {
  /** Every setting, as the run began. */
  readonly config: Config;
  #info: RunInfo;
  /** Steps that were logged since the last checkpoint of their arm. */
  readonly #logged = new Map<string, LoggedStep[]>();
  /** Where the log of each arm ends, if this process wrote it: after how many bytes, and with which checkpoint. */
  readonly #logEnds = new Map<string, { readonly bytes: number; readonly step: number }>();

  protected constructor(config: Config, info: RunInfo) {
    this.config = config;
    this.#info = info;
  }

  /** Where a file of the run is, for people. */
  abstract locate(name: string): string;

  /** Writes a file of the run, as a whole or not at all. Returns where it is. `name` may lie in a subfolder. */
  abstract write(name: string, content: string | Uint8Array): string;

  /** The same with content that comes in parts, which a run on a disk never has in memory at once. */
  writeParts(name: string, parts: Iterable<Uint8Array>): string {
    return this.write(name, joinBytes([...parts]));
  }

  /** Replaces what follows byte `at` of a file. A kill meanwhile leaves a part of it. */
  protected abstract append(name: string, content: Uint8Array, at: number): Promise<void>;

  /** What was written under a name; undefined if nothing was. */
  abstract read(name: string): Promise<Uint8Array | undefined>;

  /** Resolves once everything written so far will be there after a kill. @throws the error of a write that failed */
  async settled(): Promise<void> {}

  /** Lets others use the run; what it holds can still be read. */
  close(): void {}

  /** What the files of a part say that they belong to; nothing in a run from before they said so. */
  protected abstract ownerOf(name: StateName): string | undefined;

  /** The record of the run, as in `run.json`. */
  get info(): RunInfo {
    return this.#info;
  }

  /** Updates the record with these changes. */
  update(changes: Partial<Pick<RunInfo, 'status' | 'seconds' | 'steps' | 'sessions'>>): void {
    this.#info = { ...this.#info, ...changes };
    this.write(INFO, toJson(this.#info));
  }

  /** The last checkpoint of an arm; undefined if the arm has not started. */
  async load(name: CheckpointName): Promise<Checkpoint | undefined> {
    const bytes = await this.read(stateFile(name));
    return bytes && decodeCheckpoint(bytes, this.locate(stateFile(name)), this.ownerOf(name));
  }

  /** Notes a training step for `steps/<arm>.jsonl`, which is written with the next checkpoint of the arm. */
  logStep({ total: _, ...step }: StepReport, arm: string): void {
    const { logEvery } = this.config.train;
    if (logEvery === 0 || step.step % logEvery !== 0) return;
    const steps = this.#logged.get(arm) ?? [];
    this.#logged.set(arm, steps);
    // After the loss of a device, steps are trained again.
    while (steps.length > 0 && steps[steps.length - 1].step >= step.step) steps.pop();
    steps.push(step);
  }

  /** Replaces the last checkpoint, after the log up to it. */
  async save(name: CheckpointName, checkpoint: Checkpoint): Promise<void> {
    await this.#writeLog(name, checkpoint.step);
    this.write(stateFile(name), encodeCheckpoint(checkpoint, this.ownerOf(name)));
    await this.settled();
  }

  /** The masks of the guided arm; undefined before they exist. */
  async loadSupervision(): Promise<DatedSupervision | undefined> {
    const bytes = await this.read(stateFile('plan'));
    return bytes && decodeSupervision(bytes, this.locate(stateFile('plan')), this.ownerOf('plan'));
  }

  /** Replaces the masks of the guided arm. */
  async saveSupervision(supervision: DatedSupervision): Promise<void> {
    this.writeParts(stateFile('plan'), supervisionParts(supervision, this.ownerOf('plan')));
    await this.settled();
  }

  /** What was logged before this process is read and checked once; after that, the log only grows. */
  async #writeLog(name: CheckpointName, until: number): Promise<void> {
    const file = `steps/${name}.jsonl`;
    const steps = this.#logged.get(name) ?? [];
    this.#logged.delete(name);
    const end = this.#logEnds.get(name);
    const goesOn = end !== undefined && !(steps[0]?.step <= end.step) && end.step <= until;
    const old = goesOn ? undefined : await this.read(file);
    if (!goesOn && !old && steps.length === 0) return;
    const text = continueLog(new TextDecoder().decode(old), steps, until);
    const bytes = new TextEncoder().encode(text);
    if (goesOn) await this.append(file, bytes, end.bytes);
    else this.write(file, bytes);
    this.#logEnds.set(name, { bytes: (goesOn ? end.bytes : 0) + bytes.length, step: until });
  }
}

/** Not `<arm>.safetensors`: those are the final weights, without the optimiser's state. */
const stateFile = (name: StateName): string => `${CHECKPOINTS}/state-${name}.safetensors`;

/** The data that decides which checkpoints belong to a run, to be hashed. */
export const identityOf = ({ inputs, dataset }: Pick<RunInfo, 'inputs' | 'dataset'>) => ({
  inputs,
  data: dataset.sha256,
});
