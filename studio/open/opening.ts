// The state of the Open screen: what was given, what was read of it, and what this browser already has.

import { signal } from '@preact/signals';
import type { AnswerOf, InputOf, ProgressOf } from '../../gfsr/serve/messages.ts';
import type { TabName } from '../address.ts';
import { DEMO_FILE } from '../demo/demo.ts';
import { Engine } from '../engine/client.ts';
import type { Desk } from '../mark/desk.ts';
import {
  type BrowserProject,
  listProjects,
  removeEverything,
  removeProject,
} from '../storage/browser-project.ts';
import type { ProjectRecord } from '../storage/database.ts';
import type { Given, GivenFile } from './given.ts';
import type {
  ExportedFile,
  MarkFormat,
  Preview,
  ReadingCalls,
  ReadProgress,
  Shape,
} from './messages.ts';
import { startReader } from './reader.ts';

/** What the screen is doing. */
export type Stage =
  | { readonly state: 'waiting' }
  | { readonly state: 'labelling'; readonly given: Given; readonly pictures: readonly string[] }
  | { readonly state: 'reading'; readonly name: string; readonly progress?: ReadProgress }
  | { readonly state: 'read'; readonly given: Given; readonly preview: Preview }
  | { readonly state: 'keeping'; readonly name: string }
  | { readonly state: 'failed'; readonly why: string };

/** Opens a project by its id, and shows a tab. */
export type OpenProject = (id: string, tab: TabName) => Promise<void>;

/** What the Open screen does. It goes on while another screen is shown. */
export class Opening {
  readonly stage = signal<Stage>({ state: 'waiting' });
  readonly projects = signal<readonly ProjectRecord[]>([]);
  readonly #open: OpenProject;
  readonly #close: () => void;
  #worker: Worker | undefined;
  #reader: Engine<ReadingCalls> | undefined;
  #stop = new AbortController();
  #manifest: string | undefined;

  /** @param close lets go of the open project, before it is deleted */
  constructor(open: OpenProject, close: () => void) {
    this.#open = open;
    this.#close = close;
  }

  /** Begins with what a person gives; nothing if they changed their mind. */
  async take(asked: Promise<Given | undefined>): Promise<void> {
    await this.#attempt(async () => {
      const given = await asked;
      if (!given) return;
      this.#begin(given);
      this.#manifest = undefined;
      const pictures = await this.#ask('look', given);
      if (pictures.length > 0) this.stage.value = { state: 'labelling', given, pictures };
      else await this.#read(given);
    });
  }

  /** Goes on with classes that a person has typed. */
  async label(given: Given, manifest: string): Promise<void> {
    this.#manifest = manifest;
    await this.#attempt(() => this.#read(given));
  }

  /** Reads the same once more, in another shape. */
  async reshape(given: Given, shape: Shape): Promise<void> {
    await this.#attempt(() => this.#read(given, shape));
  }

  /** Keeps in this browser what was read, and opens it. */
  async keep({ name }: Preview): Promise<void> {
    await this.#attempt(async () => {
      this.stage.value = { state: 'keeping', name };
      // Asked here, where a person has just said that they want it: browsers then rather agree.
      await navigator.storage.persist?.();
      const { id } = await this.#ask('keep', { isOnce: false });
      await this.#open(id, 'mark');
      this.cancel();
    });
  }

  /** Opens the demo, which the page brings along. */
  async openDemo(): Promise<void> {
    await this.#attempt(async () => {
      this.#begin({ name: 'the demo' });
      const address = new URL(DEMO_FILE, document.baseURI).href;
      const { id } = await this.#ask('keepDemo', { address });
      await this.#open(id, 'mark');
      this.cancel();
    });
  }

  /** Stops whatever is going on, and forgets what was read. */
  cancel(): void {
    this.#stop.abort();
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#reader = undefined;
    this.stage.value = { state: 'waiting' };
    void this.list();
  }

  async resume(id: string): Promise<void> {
    await this.#attempt(() => this.#open(id, 'mark'));
  }

  /** All marks of a project as one file; GFSR's own has the bytes that `gfsr annotate` writes. */
  async exportMarks(project: BrowserProject, format: MarkFormat): Promise<ExportedFile> {
    const annotations = await project.annotations();
    if (format === 'gfsr') {
      const bytes = new TextEncoder().encode(annotations);
      return { name: project.dataset.file, bytes, notes: [] };
    }
    const { markable: images } = project;
    return this.#helper('exportMarks', { annotations, format, images });
  }

  /** The manifest of a project that was a folder, with the corrected classes. */
  async exportClasses(project: BrowserProject): Promise<ExportedFile> {
    const annotations = await project.annotations();
    return this.#helper('exportClasses', { project: project.id, annotations });
  }

  /** Adds the marks of files, and shows the project with them. @returns what could not be kept */
  async addMarks(project: BrowserProject, files: readonly GivenFile[]): Promise<readonly string[]> {
    const { text, notes } = await this.#helper('importMarks', { project: project.id, files });
    await project.addMarks(text, files.map(({ path }) => path).join(', '));
    await this.#open(project.id, 'open');
    return notes;
  }

  /** Lets another person mark, beside those who did. `desk` has the project open. */
  async markAs({ project, marks }: Desk, person: string): Promise<void> {
    const { id, markAs } = project as BrowserProject;
    await marks.settled(); // what is on its way belongs to the person before
    await markAs(person);
    await this.#open(id, 'open');
  }

  async remove(id: string): Promise<void> {
    this.#close();
    await this.#attempt(() => removeProject(id));
    await this.list();
  }

  async removeEverything(): Promise<void> {
    this.#close();
    await this.#attempt(async () => {
      await removeEverything();
      this.projects.value = []; // to ask the database would make it anew
    });
  }

  #begin({ name }: Pick<Given, 'name'>): void {
    this.cancel();
    this.#stop = new AbortController();
    this.stage.value = { state: 'reading', name };
    this.#reader = new Engine<ReadingCalls>(() => {
      this.#worker = startReader();
      return this.#worker;
    });
  }

  async #read(given: Given, shape?: Shape): Promise<void> {
    const { name } = given;
    this.stage.value = { state: 'reading', name };
    const request = { given, shape, manifest: this.#manifest };
    const preview = await this.#ask('read', request, (progress) => {
      this.stage.value = { state: 'reading', name, progress };
    });
    this.stage.value = { state: 'read', given, preview };
  }

  #ask<N extends keyof ReadingCalls>(
    call: N,
    input: InputOf<ReadingCalls[N]>,
    onProgress?: (progress: ProgressOf<ReadingCalls[N]>) => void,
  ): Promise<AnswerOf<ReadingCalls[N]>> {
    const reader = this.#reader as Engine<ReadingCalls>;
    return reader.ask(call, input, { signal: this.#stop.signal, onProgress });
  }

  /** Asks a worker that begins and ends with the question. */
  async #helper<N extends keyof ReadingCalls>(
    call: N,
    input: InputOf<ReadingCalls[N]>,
  ): Promise<AnswerOf<ReadingCalls[N]>> {
    const worker = startReader();
    try {
      return await new Engine<ReadingCalls>(() => worker).ask(call, input);
    } finally {
      worker.terminate();
    }
  }

  /** Looks what this browser has. */
  async list(): Promise<void> {
    this.projects.value = await listProjects().catch(() => []);
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const { name, message } = error as Error;
      if (name !== 'AbortError') this.stage.value = { state: 'failed', why: message };
    }
  }
}
