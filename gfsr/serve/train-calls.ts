// What the Train and See screens of the page ask of its engine worker, or of the server that trains for it.

import type { ArchitectureName } from '../../model/architectures.ts';
import type { TrainingProgress } from '../job/training.ts';
import type { Arm } from '../train/experiment.ts';
import type { DeviceState } from './lasting-device.ts';
import type { Call } from './messages.ts';

/** Whose images, marks and run are meant: a project of this browser, or the one of the server. */
export type ProjectPlace =
  | { readonly kind: 'browser'; readonly id: string }
  | { readonly kind: 'server' };

/** A training that is to begin, or to go on. */
export interface TrainRequest {
  readonly place: ProjectPlace;
  /** Goes on with the stopped run, with the marks that it began with. Otherwise a new run replaces the last. */
  readonly isResumed: boolean;
  /** The text of the annotation file. */
  readonly annotations: string;
  /** Fewer epochs, and a smaller classifier where the device would take long. */
  readonly isQuick: boolean;
  /** Weights to start from; absent: random ones. */
  readonly weights?: GivenWeights;
}

/** The file of weights that a person gives a training. */
export interface GivenWeights {
  readonly name: string;
  /** Of a safetensors file. */
  readonly bytes: Uint8Array;
  /** The classifier that they belong to; absent: the one that the file of a run names, or else that of the settings. */
  readonly architecture?: ArchitectureName;
}

/** How a training ended. */
export type TrainingEnd = 'finished' | 'stopped';

/** The condition of images that nothing was planted in. */
export const AS_THEY_ARE = 'as they are';

/** Counts [classes, classes] by arm and condition: row = true class, column = chosen one. */
export type Confusions = Readonly<
  Record<string, Readonly<Partial<Record<Arm, readonly number[]>>>>
>;

/** By index of the training image. */
export type Verdicts = readonly (readonly [image: number, isRight: boolean])[];

/** What is known of the last run of a project. */
export interface RunView {
  /** When it began, in ISO 8601, which tells it from the run before. */
  readonly started: string;
  readonly isFinished: boolean;
  readonly classes: readonly string[];
  readonly size: { readonly channels: number; readonly height: number; readonly width: number };
  /** Marked images that guided it. */
  readonly annotations: string;
  readonly epochs: number;
  /** What it did less than a thorough training; absent if nothing. */
  readonly leftOut?: string;
  /** Validation images: their number, labels and results. */
  readonly validation?: { readonly labels: readonly number[]; readonly confusions: Confusions };
  /** Whether the guided classifier looks at the right place, as a person says of training images. */
  readonly verdicts: Verdicts;
  /** Test images, if they were opened; `opened` says when, in ISO 8601. */
  readonly test?: {
    readonly opened: string;
    readonly count: number;
    readonly confusions: Confusions;
  };
}

/** Where both classifiers look on some validation images. */
export interface ExplainedImages {
  /** [n, C, H, W]. */
  readonly pixels: Uint8Array;
  readonly arms: Readonly<Partial<Record<Arm, ExplainedArm>>>;
  readonly labels: readonly number[];
  readonly ids: readonly string[];
  /** Of the maps. */
  readonly height: number;
  readonly width: number;
}

export interface ExplainedArm {
  /** Class probabilities [n, classes]. */
  readonly probs: Float32Array;
  /** Saliency [n, height, width], not negative. */
  readonly maps: Float32Array;
}

/** Which images of which split are explained. */
export interface ExplainRequest {
  readonly place: ProjectPlace;
  readonly split: 'train' | 'val';
  readonly images: readonly number[];
}

/** Files of a run folder, by name; a name may have folders. */
export type RunFiles = readonly (readonly [name: string, content: Uint8Array])[];

export interface TrainCalls {
  /** Opens the device, if there is none yet. */
  readonly device: Call<undefined, DeviceState>;
  /** Answers when the training has ended. @throws Error if one runs already */
  readonly train: Call<TrainRequest, TrainingEnd, TrainingProgress>;
  /** Follows the training that runs already, if there is one of this project; otherwise answers at once. */
  readonly followTraining: Call<ProjectPlace, TrainingEnd | undefined, TrainingProgress>;
  /** Answers within a second. */
  readonly stopTraining: Call<undefined, undefined>;
  readonly lastRun: Call<ProjectPlace, RunView | undefined>;
  readonly explain: Call<ExplainRequest, ExplainedImages>;
  /** Writes down what a person says of where the run looks. It goes with the run, and with its zip file. */
  readonly keepVerdicts: Call<
    { readonly place: ProjectPlace; readonly verdicts: Verdicts },
    undefined
  >;
  /** Measures on the test images, and writes down when that was done first. */
  readonly openTest: Call<ProjectPlace, RunView>;
  /** The run folder as the bytes of a zip file. */
  readonly exportRun: Call<ProjectPlace, Uint8Array>;
  /** The same, file by file. */
  readonly runFiles: Call<ProjectPlace, RunFiles>;
}
