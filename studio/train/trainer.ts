// The page's side of a training: what is shown of it, and what a person can do with it.

import { computed, signal } from '@preact/signals';
import type { TrainingProgress } from '../../gfsr/job/training.ts';
import type { DeviceState } from '../../gfsr/serve/lasting-device.ts';
import type {
  GivenWeights,
  ProjectPlace,
  RunFiles,
  RunView,
  TrainCalls,
  TrainingEnd,
} from '../../gfsr/serve/train-calls.ts';
import type { ArchitectureName } from '../../model/architectures.ts';
import type { Engine } from '../engine/client.ts';
import type { Project } from '../storage/project.ts';

/** What the person sees of the training. */
export type TrainerState =
  | { readonly state: 'idle' | 'finished' }
  | { readonly state: 'running'; readonly progress?: TrainingProgress }
  /** `isPaused`: it was asked to go on later. `isEmpty`: nothing of it is kept, since no step was trained yet. */
  | { readonly state: 'stopped'; readonly isPaused: boolean; readonly isEmpty?: boolean }
  | { readonly state: 'failed'; readonly why: string };

/** A file of weights, and the classifier that they belong to, if the person says it. */
export interface ChosenWeights {
  readonly file: File;
  readonly architecture?: ArchitectureName;
}

/** Trains a project, one training at a time. */
export class Trainer {
  readonly project: Project;
  readonly place: ProjectPlace;
  readonly state = signal<TrainerState>({ state: 'idle' });
  readonly device = signal<DeviceState | undefined>(undefined);
  /** The last run; undefined if there is none, or before it is known. */
  readonly run = signal<RunView | undefined>(undefined);
  /** Undefined until the person chooses: then it follows from the device. */
  readonly quick = signal<boolean | undefined>(undefined);
  readonly isQuick = computed(() => {
    const { value: device } = this.device;
    return this.quick.value ?? (device && 'isSoftware' in device && device.isSoftware) ?? false;
  });
  /** Where the next training starts; undefined: at random weights. */
  readonly weights = signal<ChosenWeights | undefined>(undefined);
  readonly #engine: Engine<TrainCalls>;
  readonly #deviceKnown: Promise<void>;
  #keeping: Promise<unknown> = Promise.resolve();

  constructor(engine: Engine<TrainCalls>, project: Project) {
    this.#engine = engine;
    this.project = project;
    this.place = 'id' in project ? { kind: 'browser', id: `${project.id}` } : { kind: 'server' };
    this.#deviceKnown = engine.ask('device', undefined).then((device) => {
      this.device.value = device;
    });
    void this.#look().then(() => this.#follow());
  }

  /** Begins a new run with the marks as they are now, or goes on with the one that was stopped. */
  async train(isResumed = false): Promise<void> {
    if (this.state.value.state === 'running') return;
    this.state.value = { state: 'running' };
    const { isQuick, place } = this;
    await this.#until(async (onProgress) => {
      await this.#deviceKnown; // how long to train follows from it
      const annotations = await this.project.annotations();
      const weights = isResumed ? undefined : await this.#givenWeights();
      return this.#engine.ask(
        'train',
        { place, annotations, isResumed, isQuick: isQuick.value, ...(weights && { weights }) },
        { onProgress },
      );
    });
    await this.#followOn();
  }

  async #givenWeights(): Promise<GivenWeights | undefined> {
    const { value: chosen } = this.weights;
    if (!chosen) return undefined;
    const { file, ...rest } = chosen;
    return { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()), ...rest };
  }

  /** A server goes on training when the page is closed, or loaded anew. */
  async #follow(): Promise<void> {
    if (this.state.value.state === 'running') return;
    let isRunning = false;
    await this.#until((report) => {
      const onProgress = (progress: TrainingProgress) => {
        if (!isRunning) this.state.value = { state: 'running' };
        isRunning = true;
        report(progress);
      };
      return this.#engine.ask('followTraining', this.place, { onProgress });
    });
    if (isRunning) await this.#followOn();
  }

  /** What failed may be the connection alone, while the server goes on training. */
  async #followOn(): Promise<void> {
    if (this.state.value.state === 'failed') await this.#follow();
  }

  async #until(
    ask: (onProgress: (progress: TrainingProgress) => void) => Promise<TrainingEnd | undefined>,
  ): Promise<void> {
    try {
      const end = await ask((progress) => {
        if (this.state.value.state === 'running') this.state.value = { state: 'running', progress };
      });
      if (end === undefined) return;
      if (end === 'finished') this.state.value = { state: 'finished' };
      await this.#look();
      const { value: now } = this.state;
      // What is there now, if anything, is the run before.
      const isEmpty = !this.run.value || this.run.value.isFinished;
      if (now.state === 'stopped' && isEmpty) this.state.value = { ...now, isEmpty };
    } catch (error) {
      this.state.value = { state: 'failed', why: (error as Error).message };
    }
  }

  /** Stops for now, or for good; what was computed is kept until a new training begins. */
  async stop(isPaused: boolean): Promise<void> {
    await this.#engine.ask('stopTraining', undefined);
    if (this.state.value.state === 'running') this.state.value = { state: 'stopped', isPaused };
  }

  /** Writes down whether the guided classifier looks at the right place, by training image. */
  keepVerdicts(all: ReadonlyMap<number, boolean>): Promise<void> {
    const verdicts = [...all];
    this.run.value = this.run.value && { ...this.run.value, verdicts };
    // One after the other, so that the last one stays.
    const kept = this.#keeping.then(() =>
      this.#engine.ask('keepVerdicts', { place: this.place, verdicts }),
    );
    this.#keeping = kept.catch(() => {});
    return kept;
  }

  /** Measures on the test images. */
  async openTest(): Promise<void> {
    this.run.value = await this.#engine.ask('openTest', this.place);
  }

  /** Saliency of some images by both classifiers. */
  explain(split: 'train' | 'val', images: readonly number[]) {
    return this.#engine.ask('explain', { place: this.place, split, images });
  }

  /** The run folder as a zip file. */
  async exportRun(): Promise<Uint8Array> {
    await this.#keeping;
    return this.#engine.ask('exportRun', this.place);
  }

  /** The files of the run folder. */
  async runFiles(): Promise<RunFiles> {
    await this.#keeping;
    return this.#engine.ask('runFiles', this.place);
  }

  async #look(): Promise<void> {
    const run = await this.#engine.ask('lastRun', this.place);
    this.run.value = run;
    if (this.state.value.state !== 'idle' || !run) return;
    this.state.value = run.isFinished
      ? { state: 'finished' }
      : { state: 'stopped', isPaused: true };
  }
}
