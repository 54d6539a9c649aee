// What the page asks of the worker that reads data sets.

import type { ExchangeName } from '../../gfsr/annotation/exchange/exchange.ts';
import type { MarkableImages } from '../../gfsr/annotation/markable-images.ts';
import type { DataSettings } from '../../gfsr/config/data.ts';
import type { Dataset } from '../../gfsr/data/dataset.ts';
import type { Call } from '../../gfsr/serve/messages.ts';
import type { Given, GivenFile } from './given.ts';

/** How pictures are made alike. */
export type Shape = Pick<DataSettings, 'fit' | 'side'>;

/** What is to be read, and how. */
export interface ReadRequest {
  readonly given: Given;
  /** Absent: as the pictures suggest. */
  readonly shape?: Shape;
  /** Text of a manifest that a person has typed. */
  readonly manifest?: string;
}

/** A file that cannot be read, and why. */
export interface Fault {
  readonly file: string;
  readonly why: string;
}

/** A data set before it is taken. */
export interface Preview {
  readonly name: string;
  readonly classes: readonly string[];
  /** Class → number of images in train, val, test. */
  readonly counts: readonly (readonly [number, number, number])[];
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly shape: Shape;
  /**
   * Sizes of the pictures in their files, "640 × 480", and how many have each; the most frequent first. Empty if they
   * are that of the images.
   */
  readonly sizes: readonly (readonly [string, number])[];
  /** Ids of images with the same pixels. */
  readonly duplicates: readonly (readonly string[])[];
  /** Patients or other groups that stay together; 0 if nothing is known of any. */
  readonly groups: number;
  readonly faults: readonly Fault[];
  /** What was assumed, and what makes results doubtful. */
  readonly notes: readonly string[];
}

/** Files that are read, of how many. */
export type ReadProgress = readonly [done: number, all: number];

/** Formats in which marks leave: those of other programs, and planes of numbers. */
export type MarkFormat = ExchangeName | 'npz';

/** Annotation files that a person gives, for one project. */
export interface MarkFiles {
  readonly project: string;
  readonly files: readonly GivenFile[];
}

/** Marks as they should leave. */
export interface MarkExport {
  /** Text of the annotation file. */
  readonly annotations: string;
  readonly format: MarkFormat;
  readonly images: MarkableImages;
}

/** Classes as they should leave: the project, and the text of its annotation file. */
export interface ClassExport {
  readonly project: string;
  readonly annotations: string;
}

/** A file to save, and what could not be kept in it. */
export interface ExportedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly notes: readonly string[];
}

/** How a data set is kept. */
export interface KeepRequest {
  /** Whether the project goes on that has the same images and labels, if there is one. */
  readonly isOnce: boolean;
  /** Absent: what was read last. */
  readonly dataset?: Dataset;
}

/** A project of this browser. */
export interface Kept {
  readonly id: string;
  /** Whether it was there before. */
  readonly isKnown: boolean;
}

export interface ReadingCalls {
  /** Keeps the demo in this browser, unless it is there; `address` is that of its file. */
  readonly keepDemo: Call<{ readonly address: string }, Kept>;
  /** Pictures whose classes a person must say: their paths. None where folders or a manifest say them. */
  readonly look: Call<Given, readonly string[]>;
  /** Reads it and keeps it until the next one is read. */
  readonly read: Call<ReadRequest, Preview, ReadProgress>;
  /** Keeps a data set in this browser. */
  readonly keep: Call<KeepRequest, Kept>;
  /** Annotations of any program as text of an annotation file, and what could not be kept. */
  readonly importMarks: Call<
    MarkFiles,
    { readonly text: string; readonly notes: readonly string[] }
  >;
  readonly exportMarks: Call<MarkExport, ExportedFile>;
  /** The manifest of a project with its corrected classes. */
  readonly exportClasses: Call<ClassExport, ExportedFile>;
}
