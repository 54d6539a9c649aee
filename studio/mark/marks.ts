// The strokes on every image, with undo without limit; the browser keeps each change until the server has saved it.

import { computed, signal } from '@preact/signals';
import type { Stroke } from '../../gfsr/annotation/annotations.ts';
import { type MarkedDataset, putMarks, RefusedError } from '../server.ts';

type Strokes = readonly Stroke[];

interface Change {
  readonly image: number;
  readonly before: Strokes;
  readonly after: Strokes;
}

/** Whether everything is on the server's disk. */
export type Saving =
  | { readonly state: 'saved' | 'saving' }
  | { readonly state: 'waiting' | 'refused'; readonly why: string };

const NONE: Strokes = [];
const RETRY_MS = 2000;

/** Saves the strokes of an image on the server: `putMarks`. */
export type Save = typeof putMarks;
/** What is not saved yet, across reloads: `localStorage`. */
export type Journal = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** The marks of one person on one data set. */
export class Marks {
  readonly #strokes = signal<ReadonlyMap<number, Strokes>>(new Map());
  readonly #past = signal<readonly Change[]>([]);
  readonly #future = signal<readonly Change[]>([]);
  readonly #saving = signal<Saving>({ state: 'saved' });
  readonly #revisions = new Map<number, string>();
  readonly #unsaved = new Set<number>();
  readonly #unmarked: string;
  readonly #save: Save;
  readonly #journal: Journal;
  readonly #key: string;
  #busy: Promise<void> | undefined;

  readonly saving = computed(() => this.#saving.value);
  readonly canUndo = computed(() => this.#past.value.length > 0);
  readonly canRedo = computed(() => this.#future.value.length > 0);
  /** Images with at least one stroke. */
  readonly count = computed(() => this.#strokes.value.size);

  /** @param dataset what the server has saved; its names say whose the journal is */
  constructor(
    { name, file, annotator, marks: saved, unmarked }: MarkedDataset,
    { save = putMarks as Save, journal = localStorage as Journal } = {},
  ) {
    this.#unmarked = unmarked;
    this.#save = save;
    this.#journal = journal;
    this.#key = `gfsr-unsaved ${JSON.stringify([name, file, annotator])}`;
    for (const { image, revision } of saved) this.#revisions.set(image, revision);
    const strokes = new Map(saved.map(({ image, strokes }) => [image, strokes as Strokes]));
    for (const [image, kept] of this.#read()) {
      strokes.set(image, kept);
      this.#unsaved.add(image);
    }
    this.#strokes.value = withoutEmpty(strokes);
    if (this.#unsaved.size > 0) this.#flush();
  }

  /** Strokes of an image in drawing order. */
  of(image: number): Strokes {
    return this.#strokes.value.get(image) ?? NONE;
  }

  /** Replaces the strokes of an image: one step for undo. */
  change(image: number, after: Strokes): void {
    const before = this.of(image);
    if (before === after) return;
    this.#past.value = [...this.#past.value, { image, before, after }];
    this.#future.value = [];
    this.#set(image, after);
  }

  /** Takes back the last change, on whatever image. @returns the image, or undefined if there was none */
  undo(): number | undefined {
    const change = this.#past.value.at(-1);
    if (!change) return undefined;
    this.#past.value = this.#past.value.slice(0, -1);
    this.#future.value = [...this.#future.value, change];
    this.#set(change.image, change.before);
    return change.image;
  }

  /** Repeats the change that was taken back last. @returns the image, or undefined if there was none */
  redo(): number | undefined {
    const change = this.#future.value.at(-1);
    if (!change) return undefined;
    this.#future.value = this.#future.value.slice(0, -1);
    this.#past.value = [...this.#past.value, change];
    this.#set(change.image, change.after);
    return change.image;
  }

  /** Resolves once nothing is left to save, or saving has failed for now. */
  async settled(): Promise<void> {
    await this.#busy;
  }

  /** First the journal, then the picture, then the server. */
  #set(image: number, strokes: Strokes): void {
    this.#unsaved.add(image);
    const next = new Map(this.#strokes.value).set(image, strokes);
    this.#write(next);
    this.#strokes.value = withoutEmpty(next);
    this.#flush();
  }

  #flush(): void {
    this.#busy ??= this.#saveAll().finally(() => {
      this.#busy = undefined;
    });
  }

  async #saveAll(): Promise<void> {
    this.#saving.value = { state: 'saving' };
    while (this.#unsaved.size > 0) {
      const [image] = this.#unsaved;
      const strokes = this.of(image);
      try {
        const { revision } = await this.#save(
          image,
          strokes,
          this.#revisions.get(image) ?? this.#unmarked,
        );
        this.#revisions.set(image, revision);
      } catch (error) {
        const why = (error as Error).message;
        const refused = error instanceof RefusedError;
        this.#saving.value = { state: refused ? 'refused' : 'waiting', why };
        if (!refused) setTimeout(() => this.#flush(), RETRY_MS);
        return;
      }
      // An image that changed meanwhile is saved once more.
      if (this.of(image) === strokes) this.#unsaved.delete(image);
    }
    this.#journal.removeItem(this.#key);
    this.#saving.value = { state: 'saved' };
  }

  #write(strokes: ReadonlyMap<number, Strokes>): void {
    const rows = [...this.#unsaved].map((image) => [image, strokes.get(image) ?? NONE]);
    this.#journal.setItem(this.#key, JSON.stringify(rows));
  }

  #read(): readonly (readonly [number, Strokes])[] {
    return JSON.parse(this.#journal.getItem(this.#key) ?? '[]');
  }
}

const withoutEmpty = (strokes: ReadonlyMap<number, Strokes>): ReadonlyMap<number, Strokes> =>
  new Map([...strokes].filter(([, each]) => each.length > 0));
