// The strokes on every image, with undo without limit. A change is in the log before it is seen, and saved after that.

import { computed, signal } from '@preact/signals';
import type { Stroke } from '../../gfsr/annotation/annotations.ts';
import { type ImageMarks, type Project, RefusedError, StaleError } from '../storage/project.ts';
import { counted } from '../words.ts';
import { isMarked } from './strokes.ts';

type Strokes = readonly Stroke[];

/** One step for undo: strokes of some images. */
type Change = readonly {
  readonly image: number;
  readonly before: Strokes;
  readonly after: Strokes;
}[];

/** Whether everything is where it is kept. */
export type Saving =
  | { readonly state: 'saved'; readonly at: number }
  | { readonly state: 'saving' }
  | { readonly state: 'waiting' | 'refused'; readonly why: string };

/** Strokes as they are kept. */
type Kept = Omit<ImageMarks, 'image'>;

/** An image whose marks are not taken where marks are kept, until the person says which ones stay. */
export interface Refusal {
  readonly image: number;
  readonly why: string;
  readonly kept: Kept;
  /** Whether those that are kept are somebody else's: then one's own can still replace them. */
  readonly isStale: boolean;
}

const NONE: Strokes = [];
const RETRY_MS = 2000;

/** What marks need of the project that keeps them. */
export type MarkKeeper = Pick<Project, 'log' | 'save' | 'isWritable'> & {
  readonly dataset: Pick<Project['dataset'], 'marks' | 'unmarked'>;
};

/** The marks of one person on one data set. */
export class Marks {
  readonly #shown = signal<ReadonlyMap<number, Strokes>>(new Map());
  /** With what is on its way into the log. */
  #latest: ReadonlyMap<number, Strokes> = new Map();
  readonly #past = signal<readonly Change[]>([]);
  readonly #future = signal<readonly Change[]>([]);
  readonly #saving = signal<Saving>({ state: 'saved', at: Date.now() });
  /** Of each image: what is kept, as far as is known here, and the revision that the next change is based on. */
  readonly #kept = new Map<number, Kept>();
  /** Image → number of its last event in the log. */
  readonly #unsaved = new Map<number, number>();
  readonly #refused = signal<ReadonlyMap<number, Refusal>>(new Map());
  readonly #unmarked: string;
  readonly #keeper: MarkKeeper;
  #logging: Promise<void> = Promise.resolve();
  /** Changes that are not in the log yet. */
  #unlogged = 0;
  #busy: Promise<void> | undefined;

  readonly saving = computed(() => this.#saving.value);
  /** Images whose marks are not taken; nothing else waits for them. */
  readonly refused = computed(() => [...this.#refused.value.values()]);
  readonly canUndo = computed(() => this.#past.value.length > 0);
  readonly canRedo = computed(() => this.#future.value.length > 0);
  /** Every image with at least one stroke, and its strokes as they are seen. */
  readonly all = computed(() => this.#shown.value);
  /** Images on which something is marked. */
  readonly count = computed(() => [...this.#shown.value.values()].filter(isMarked).length);

  constructor(keeper: MarkKeeper) {
    const { dataset, log } = keeper;
    this.#keeper = keeper;
    this.#unmarked = dataset.unmarked;
    for (const marks of dataset.marks) this.#kept.set(marks.image, marks);
    const strokes = new Map(dataset.marks.map(({ image, strokes }) => [image, strokes as Strokes]));
    for (const [image, { event, strokes: drawn, base }] of log.unsaved) {
      strokes.set(image, drawn);
      if (!keeper.isWritable) continue;
      this.#unsaved.set(image, event);
      // Marks that somebody has changed since are not replaced unasked.
      if (base !== undefined) this.#kept.set(image, { ...this.#keptOf(image), revision: base });
    }
    this.#shown.value = withoutEmpty(strokes);
    this.#latest = this.#shown.value;
    if (this.#unsaved.size > 0) this.#flush();
  }

  /** Strokes of an image in drawing order, as they are seen. */
  of(image: number): Strokes {
    return this.#shown.value.get(image) ?? NONE;
  }

  /** The same, with those that are about to be seen: what the next change is made from. */
  latest(image: number): Strokes {
    return this.#latest.get(image) ?? NONE;
  }

  /** Replaces the strokes of an image: one step for undo. */
  change(image: number, after: Strokes): void {
    this.changeAll([[image, after]]);
  }

  /** Replaces the strokes of several images: also one step for undo. */
  changeAll(all: readonly (readonly [image: number, after: Strokes])[]): void {
    const change = all
      .map(([image, after]) => ({ image, before: this.latest(image), after }))
      .filter(({ before, after }) => before !== after);
    if (change.length === 0 || !this.#keeper.isWritable) return;
    this.#past.value = [...this.#past.value, change];
    this.#future.value = [];
    for (const { image, after } of change) this.#set(image, after);
  }

  /** Takes back the last change, on whatever image. @returns its first image, or undefined if there was none */
  undo(): number | undefined {
    const change = this.#past.value.at(-1);
    if (!change) return undefined;
    this.#past.value = this.#past.value.slice(0, -1);
    this.#future.value = [...this.#future.value, change];
    for (const { image, before } of change) this.#set(image, before);
    return change[0].image;
  }

  /** Repeats the change that was taken back last. @returns its first image, or undefined if there was none */
  redo(): number | undefined {
    const change = this.#future.value.at(-1);
    if (!change) return undefined;
    this.#future.value = this.#future.value.slice(0, -1);
    this.#past.value = [...this.#past.value, change];
    for (const { image, after } of change) this.#set(image, after);
    return change[0].image;
  }

  /** Ends a refusal: one's own marks replace those that are kept, or the other way round, which undo takes back. */
  decide(image: number, whose: 'own' | 'kept'): void {
    const refusal = this.#refused.value.get(image);
    if (!refusal) return;
    this.#kept.set(image, refusal.kept);
    if (whose === 'kept') this.change(image, refusal.kept.strokes);
    else {
      this.#tryAgain(image);
      this.#flush();
    }
  }

  /** Resolves once nothing is left to save, or saving has failed for now. */
  async settled(): Promise<void> {
    await this.#logging;
    await this.#busy;
  }

  /** First the log, then the picture, then where the marks are kept. */
  #set(image: number, strokes: Strokes): void {
    this.#latest = new Map(this.#latest).set(image, strokes);
    this.#saving.value = { state: 'saving' };
    this.#unlogged++;
    this.#logging = this.#logging
      .then(() => this.#keeper.log.append(image, strokes, this.#keptOf(image).revision))
      .finally(() => this.#unlogged--)
      .then(
        (event) => {
          this.#unsaved.set(image, event);
          this.#shown.value = withoutEmpty(new Map(this.#shown.value).set(image, strokes));
          this.#forgetUnwritten();
          this.#tryAgain(image);
          this.#flush();
        },
        (error: Error) => {
          this.#forgetUnwritten();
          this.#saving.value = { state: 'refused', why: error.message };
        },
      );
  }

  /** What cannot be written down is not shown, so nobody goes on in the belief that it is safe. */
  #forgetUnwritten(): void {
    if (this.#unlogged === 0) this.#latest = this.#shown.value;
  }

  #flush(): void {
    this.#busy ??= this.#saveAll().finally(() => {
      this.#busy = undefined;
      // What was logged after the last look at it.
      if (this.#saving.peek().state === 'saving' && this.#next()) this.#flush();
    });
  }

  async #saveAll(): Promise<void> {
    this.#saving.value = { state: 'saving' };
    for (let next = this.#next(); next; next = this.#next()) {
      const [image, event] = next;
      try {
        await this.#save(image, event);
      } catch (error) {
        if (error instanceof RefusedError || error instanceof StaleError) {
          // Unless the image has changed meanwhile: what it is now may be taken.
          if (this.#unsaved.get(image) === event) this.#refuse(image, error);
          continue;
        }
        this.#saving.value = { state: 'waiting', why: (error as Error).message };
        setTimeout(() => this.#flush(), RETRY_MS);
        return;
      }
      // An image that changed meanwhile is saved once more.
      if (this.#unsaved.get(image) === event) this.#unsaved.delete(image);
    }
    if (this.#unlogged > 0) return;
    const { size } = this.#refused.peek();
    this.#saving.value =
      size > 0
        ? { state: 'refused', why: counted(size, 'image', 'images') }
        : { state: 'saved', at: Date.now() };
  }

  /** An image that is to be saved, and its last event. */
  #next(): readonly [image: number, event: number] | undefined {
    const refused = this.#refused.peek();
    return [...this.#unsaved].find(([image]) => !refused.has(image));
  }

  async #save(image: number, event: number): Promise<void> {
    const strokes = this.#shown.peek().get(image) ?? NONE;
    const { revision } = await this.#keeper.save(image, strokes, this.#keptOf(image).revision);
    this.#kept.set(image, { strokes, revision });
    await this.#keeper.log.settle(image, event, revision);
  }

  #keptOf(image: number): Kept {
    return this.#kept.get(image) ?? { strokes: NONE, revision: this.#unmarked };
  }

  /** Others go on being saved. */
  #refuse(image: number, error: RefusedError | StaleError): void {
    const isStale = error instanceof StaleError;
    const kept = isStale ? error.kept : this.#keptOf(image);
    const refusal = { image, why: error.message, kept, isStale };
    this.#refused.value = new Map(this.#refused.value).set(image, refusal);
  }

  #tryAgain(image: number): void {
    const refused = new Map(this.#refused.value);
    if (refused.delete(image)) this.#refused.value = refused;
  }
}

const withoutEmpty = (strokes: ReadonlyMap<number, Strokes>): ReadonlyMap<number, Strokes> =>
  new Map([...strokes].filter(([, each]) => each.length > 0));
