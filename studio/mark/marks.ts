// The strokes on every image, with undo without limit. A change is in the log before it is seen, and saved after that.

import { computed, signal } from '@preact/signals';
import type { Stroke } from '../../gfsr/annotation/annotations.ts';
import { type Project, RefusedError } from '../storage/project.ts';
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
  readonly #revisions = new Map<number, string>();
  /** Image → number of its last event in the log. */
  readonly #unsaved = new Map<number, number>();
  readonly #unmarked: string;
  readonly #keeper: MarkKeeper;
  #logging: Promise<void> = Promise.resolve();
  /** Changes that are not in the log yet. */
  #unlogged = 0;
  #busy: Promise<void> | undefined;

  readonly saving = computed(() => this.#saving.value);
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
    for (const { image, revision } of dataset.marks) this.#revisions.set(image, revision);
    const strokes = new Map(dataset.marks.map(({ image, strokes }) => [image, strokes as Strokes]));
    for (const [image, { event, strokes: drawn }] of log.unsaved) {
      strokes.set(image, drawn);
      if (keeper.isWritable) this.#unsaved.set(image, event);
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
      .then(() => this.#keeper.log.append(image, strokes))
      .finally(() => this.#unlogged--)
      .then(
        (event) => {
          this.#unsaved.set(image, event);
          this.#shown.value = withoutEmpty(new Map(this.#shown.value).set(image, strokes));
          this.#flush();
        },
        (error: Error) => {
          // What cannot be written down is not shown, so nobody goes on in the belief that it is safe.
          this.#latest = this.#shown.value;
          this.#saving.value = { state: 'refused', why: error.message };
        },
      );
  }

  #flush(): void {
    this.#busy ??= this.#saveAll().finally(() => {
      this.#busy = undefined;
      // What was logged after the last look at it.
      if (this.#saving.peek().state === 'saving' && this.#unsaved.size > 0) this.#flush();
    });
  }

  async #saveAll(): Promise<void> {
    this.#saving.value = { state: 'saving' };
    for (;;) {
      const [next] = this.#unsaved;
      if (!next) break;
      const [image, event] = next;
      const strokes = this.#shown.peek().get(image) ?? NONE;
      try {
        const base = this.#revisions.get(image) ?? this.#unmarked;
        const { revision } = await this.#keeper.save(image, strokes, base);
        this.#revisions.set(image, revision);
        await this.#keeper.log.settle(image, event);
      } catch (error) {
        const why = (error as Error).message;
        const refused = error instanceof RefusedError;
        this.#saving.value = { state: refused ? 'refused' : 'waiting', why };
        if (!refused) setTimeout(() => this.#flush(), RETRY_MS);
        return;
      }
      // An image that changed meanwhile is saved once more.
      if (this.#unsaved.get(image) === event) this.#unsaved.delete(image);
    }
    if (this.#unlogged === 0) this.#saving.value = { state: 'saved', at: Date.now() };
  }
}

const withoutEmpty = (strokes: ReadonlyMap<number, Strokes>): ReadonlyMap<number, Strokes> =>
  new Map([...strokes].filter(([, each]) => each.length > 0));
