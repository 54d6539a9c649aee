// The page's side of masks that follow the marks: asks for them after each change, and keeps what is shown.

import { effect, signal } from '@preact/signals';
import type { Stroke } from '../../gfsr/annotation/annotations.ts';
import { asFileName } from '../../gfsr/text/file-name.ts';
import type { Engine } from '../engine/client.ts';
import type { ConceptCard } from '../engine/concept-calls.ts';
import { handOver } from '../engine/hand-over.ts';
import type { MaskFormat, MaskView } from '../engine/mask-calls.ts';
import { saveFile } from '../save-file.ts';
import type { Desk } from './desk.ts';
import { reachWords } from './reach-words.ts';

/** Number of images that show their masks. */
const SHOWN = 40;
/** Number of images that are suggested ahead. */
const AHEAD = 24;
/** Time in which the page draws the first image, in milliseconds. */
const REST_MS = 100;
/** Quiet time after which the relevance network works, in milliseconds. */
const IDLE_MS = 1000;

const NO_STROKES: readonly Stroke[] = [];
const STAGES = {
  segments: 'dividing the images',
  descriptors: 'describing the segments',
  concepts: 'grouping similar segments',
  network: 'refining the masks',
  drawing: 'drawing the masks',
} as const;

/** The masks of one data set, as the page shows them. */
export class LiveMasks {
  readonly #engine: Engine;
  readonly #desk: Desk;
  /** Strokes that the worker has. */
  readonly #sent = new Map<number, readonly Stroke[]>();
  #latest = new AbortController();
  #begun: Promise<void> | undefined;

  /** What is shown; undefined while no mark says what is relevant. */
  readonly view = signal<MaskView | undefined>(undefined);
  /** What is being done, or why nothing is; empty if the masks are up to date. */
  readonly status = signal('');
  /** Whether marks have changed that are not in the masks yet. */
  readonly isBusy = signal(false);
  /** Whether a person looks at concepts. */
  readonly wantsConcepts = signal(false);
  /** Undefined until they are wanted and known. */
  readonly cards = signal<readonly ConceptCard[] | undefined>(undefined);
  /** Of every concept, as the masks have it; undefined while no mark says what is relevant. */
  readonly conceptRelevance = signal<Float32Array | undefined>(undefined);
  /** What the last change did, for a person. */
  readonly effect = signal('');

  constructor(engine: Engine, desk: Desk) {
    this.#engine = engine;
    this.#desk = desk;
    effect(() => {
      const isQueue = desk.course.order.value === 'queue';
      const { value: isConcepts } = this.wantsConcepts;
      const isWanted = desk.showMasks.value || isQueue || isConcepts;
      const { value: strokes } = desk.marks.all;
      if (isWanted) void this.#follow(strokes).catch((error: Error) => this.#fail(error));
      else this.#latest.abort();
    });
    desk.shown.spot.subscribe(() => {
      // Until there are masks, nothing follows the person that a training could hold up.
      if (this.view.value) void engine.ask('attend', undefined).catch(() => {});
    });
    effect(() => {
      const { value: image } = desk.image;
      desk.relevance.value = undefined;
      if (!this.view.value) return;
      const moved = new AbortController();
      void engine.ask('imageRelevance', image, { signal: moved.signal }).then(
        (relevance) => {
          desk.relevance.value = relevance;
        },
        () => {}, // nothing is known then
      );
      return () => moved.abort();
    });
  }

  /** Saves the masks of all images as a file. */
  async save(format: MaskFormat): Promise<void> {
    const onProgress = ({ share }: { share: number }) => {
      this.status.value = `${STAGES.drawing}: ${percent(share)}`;
    };
    try {
      const bytes = await this.#engine.ask('exportMasks', { format }, { onProgress });
      const ending = format === 'png' ? 'zip' : format;
      saveFile(`${asFileName(this.#desk.dataset.name)}-masks.${ending}`, bytes);
      this.status.value = '';
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  async #follow(strokes: ReadonlyMap<number, readonly Stroke[]>): Promise<void> {
    this.#latest.abort();
    const latest = new AbortController();
    const { signal } = latest;
    this.#latest = latest;
    this.isBusy.value = true;
    this.#begun ??= this.#prepare().catch((error) => {
      this.#begun = undefined; // the next change tries again
      throw error;
    });
    await this.#begun;
    if (signal.aborted) return;
    const changes = this.#changes(strokes);
    const view = await this.#engine.ask('spreadMarks', this.#request(changes), { signal });
    this.view.value = view;
    this.isBusy.value = false;
    this.effect.value = changes.length > 0 && view ? reachWords(view.gained, view.lost) : '';
    await this.#tell(signal);
    if (!view) return;
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    if (signal.aborted) return;
    this.status.value = `${STAGES.network} …`;
    const refined = await this.#engine.ask('refineMarks', this.#request([]), { signal });
    this.status.value = '';
    if (!refined) return; // the quick form stays
    this.view.value = refined;
    await this.#tell(signal);
  }

  /** Asks for what follows from the masks, as far as the person wants to know it. */
  async #tell(signal: AbortSignal): Promise<void> {
    const { course } = this.#desk;
    if (course.order.peek() === 'queue') {
      course.suggest(await this.#engine.ask('suggestImages', { count: AHEAD }, { signal }));
    }
    if (!this.wantsConcepts.peek()) return;
    this.cards.value ??= await this.#engine.ask('conceptCards', undefined, { signal });
    const relevance = await this.#engine.ask('conceptRelevance', undefined, { signal });
    this.conceptRelevance.value = relevance;
  }

  async #prepare(): Promise<void> {
    // The first image would be seen later if all others were fetched and divided meanwhile.
    await this.#desk.shown.untilReady();
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
    this.status.value = 'fetching the images …';
    await handOver(this.#engine, this.#desk.project, {
      onProgress: (share) => {
        this.status.value = `fetching the images: ${percent(share)}`;
      },
    });
    await this.#engine.ask('prepareMasks', undefined, {
      onProgress: ({ stage, share }) => {
        this.status.value = `${STAGES[stage]}: ${percent(share)}`;
      },
    });
    this.status.value = '';
  }

  #changes(strokes: ReadonlyMap<number, readonly Stroke[]>) {
    const images = new Set([...this.#sent.keys(), ...strokes.keys()]);
    const changes: [number, readonly Stroke[]][] = [];
    for (const image of images) {
      const now = strokes.get(image) ?? NO_STROKES;
      if (this.#sent.get(image) === now) continue;
      this.#sent.set(image, now);
      changes.push([image, now]);
    }
    return changes;
  }

  #request(changes: readonly (readonly [number, readonly Stroke[]])[]) {
    return { changes, image: this.#desk.image.peek(), count: SHOWN };
  }

  #fail(error: Error): void {
    if (error.name === 'AbortError') return;
    const isWithoutDevice = error.name === 'NoAdapterError';
    this.status.value = isWithoutDevice
      ? `The masks stay in their quick form, because there is no GPU: ${error.message}`
      : `No masks: ${error.message}`;
  }
}

const percent = (share: number) => `${Math.round(100 * share)} %`;
