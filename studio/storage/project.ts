// What the page works on: the images of one data set, and one person's marks on them, wherever both are kept.

import type { Stroke } from '../../gfsr/annotation/annotations.ts';
import type { ImageMarks } from '../../gfsr/serve/mark-file.ts';
import type { MarkedDataset } from '../../gfsr/serve/marking.ts';
import type { TrainCalls } from '../../gfsr/serve/train-calls.ts';
import type { Engine } from '../engine/client.ts';

export type { ImageMarks, MarkedDataset };

/** The place that was asked says no, with its words. Trying again does not help. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** The marks of an image have changed since the ones that a change was based on. */
export class StaleError extends Error {
  override readonly name = 'StaleError';
  /** Those that are kept now. */
  readonly kept: ImageMarks;

  constructor(kept: ImageMarks) {
    super(`image ${kept.image} was marked elsewhere since.`);
    this.kept = kept;
  }
}

/** Strokes that were drawn and are not saved yet, and the number of their event in the log. */
export interface LoggedStrokes {
  readonly event: number;
  readonly strokes: readonly Stroke[];
  /** Revision of the marks that they are based on; logs of before do not have it. */
  readonly base?: string;
}

/** What was drawn, in the order in which it was drawn. It outlives the page, and the browser. */
export interface StrokeLog {
  /** What an earlier page has left unsaved: the latest strokes of each image. */
  readonly unsaved: ReadonlyMap<number, LoggedStrokes>;
  /**
   * Writes down the strokes of an image as they are now.
   *
   * @param base revision of the marks that they are based on
   * @returns the number of the event, once it is on the disk
   */
  append(image: number, strokes: readonly Stroke[], base: string): Promise<number>;
  /** Forgets the events of an image up to one that was saved; later ones are based on its revision from then on. */
  settle(image: number, event: number, revision: string): Promise<void>;
}

/** Where a person was: the same image, as large, opens again. */
export interface Place {
  readonly image: number;
  readonly zoom: number;
  /** Middle of what is seen, as shares of width and height. */
  readonly center: readonly [number, number];
}

/** Names of concepts by the key of their cards. */
export type ConceptNames = Readonly<Record<string, string>>;

/** A data set that is being marked. */
export interface Project {
  readonly dataset: MarkedDataset;
  /** Where the marks go, as a person reads it: "marks.json", "this browser". */
  readonly home: string;
  /** Who keeps it, for the message that it does not answer: "the server", "this browser". */
  readonly keeper: string;
  /** False if another tab has it open: then this one only shows. */
  readonly isWritable: boolean;
  readonly log: StrokeLog;
  /** Who trains it; absent: the engine worker of the page. */
  readonly trainer?: Engine<TrainCalls>;
  /** Bytes [n, C, H, W] of the images `from` … `to` − 1. */
  images(from: number, to: number): Promise<Uint8Array>;
  /**
   * Replaces the strokes of an image.
   *
   * @param revision of the marks that the change is based on
   * @throws RefusedError if they are not allowed; StaleError if somebody else has changed that image; another error if
   *   they could not be taken now
   */
  save(image: number, strokes: readonly Stroke[], revision: string): Promise<ImageMarks>;
  /** The annotation file, as `gfsr annotate` would have written it. */
  annotations(): Promise<string>;
  /** Where the person was last; undefined the first time. */
  place(): Promise<Place | undefined>;
  keepPlace(place: Place): Promise<void>;
  /** Names that the person gave to concepts, by the key of their cards. */
  conceptNames(): Promise<ConceptNames>;
  keepConceptNames(names: ConceptNames): Promise<void>;
  /** Resolves when the tab that had it open is gone. Never for a project that is writable. */
  released(): Promise<void>;
  /** The same, as it is now. */
  reopen(): Promise<Project>;
  /** Lets another tab write. */
  close(): void;
}
