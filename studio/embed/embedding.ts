// What a page that embeds the studio may use: options, events, and the element `<gfsr-studio>`.

import type { Dataset } from '../../gfsr/index.ts';

/** Where the marks are kept, when it is not this browser. */
export interface StudioStorage {
  /** As a person reads it: "saved in <name>". */
  readonly name: string;
  /** The annotation file as it is now; undefined if there is none yet. */
  load(): Promise<string | undefined>;
  /**
   * Keeps the whole annotation file after each change. While it rejects, the marks stay in the browser, the person
   * reads why, and it is asked again until it resolves.
   */
  save(annotations: string): Promise<void>;
}

/** What the studio works on. */
export interface StudioOptions {
  /**
   * The data set: an `.npz` in the layout of MedMNIST, or a `.zip` of pictures by class or with a `manifest.csv`, as an
   * address or as the file itself; or a data set made from arrays.
   */
  readonly data: string | URL | File | Dataset;
  /**
   * Marks to begin with: the address of an annotation file. They are taken when the browser meets the data set for the
   * first time, and never again, so that nothing that was marked since is lost. Not together with `storage`.
   */
  readonly annotations?: string | URL;
  /** By default the marks are kept in this browser. */
  readonly storage?: StudioStorage;
}

/** A studio in a page. */
export interface EmbeddedStudio {
  /** The annotation file as it is now, as `gfsr train --annotations` takes it. */
  annotations(): Promise<string>;
  /** Ends its workers and empties the element. What was marked and trained stays where it is kept. */
  close(): void;
}

/** Marks were changed and saved. */
export type ChangeEvent = CustomEvent<{ readonly annotations: string }>;
/** The masks of the other images follow the latest marks: how far the latest change reached. */
export type SpreadEvent = CustomEvent<{ readonly segments: number; readonly images: number }>;
/** A training has ended; `run` answers its folder as a zip file, which `gfsr evaluate` takes when it is unpacked. */
export type TrainedEvent = CustomEvent<{ readonly run: () => Promise<Uint8Array> }>;

/** `<gfsr-studio data="set.npz" annotations="marks.json">`: the studio as an element. */
export interface GfsrStudioElement extends HTMLElement {
  /** Resolves once the data set is shown; rejects with the reason if it cannot be. */
  readonly opened: Promise<EmbeddedStudio>;
}

/** Events of the element in which the studio is. They do not bubble. */
export interface StudioEventMap {
  change: ChangeEvent;
  spread: SpreadEvent;
  trained: TrainedEvent;
}

/**
 * Shows the studio inside an element: marking, concepts, training and a look at the result, on one data set. It lives
 * in a shadow root, defines nothing but the element `gfsr-studio`, and leaves the address of the page alone. The
 * element receives the events of `StudioEventMap`.
 *
 * The page needs a secure context (HTTPS or localhost), and must serve the files of the studio from its own origin,
 * because browsers start no workers from elsewhere. Without WebGPU everything works except training.
 *
 * @throws RangeError if the data set or the annotations cannot be read; Error if the element is in use
 */
export declare function createStudio(
  element: HTMLElement,
  options: StudioOptions,
): Promise<EmbeddedStudio>;

declare global {
  interface HTMLElementTagNameMap {
    'gfsr-studio': GfsrStudioElement;
  }
}
