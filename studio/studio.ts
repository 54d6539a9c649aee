// What all screens share: the address, the engine, and the data set that a person works on.

import { computed, effect, signal, untracked } from '@preact/signals';
import { turn } from '../gfsr/machine/long-work.ts';
import type { Address, TabName } from './address.ts';
import { Engine } from './engine/client.ts';
import { Desk } from './mark/desk.ts';
import { LiveMasks } from './mark/live-masks.ts';
import { Opening } from './open/opening.ts';
import {
  type BrowserProject,
  listProjects,
  openBrowserProject,
} from './storage/browser-project.ts';
import type { Project } from './storage/project.ts';
import { Trainer } from './train/trainer.ts';

/** What the studio is part of. */
export interface Surroundings {
  readonly address: Address;
  /** Where keys are pressed that are meant for it. */
  readonly keys: EventTarget;
  /** Whether a person opens data sets in it; otherwise a server or another page has one. */
  readonly isOpening?: boolean;
  /** Whether it is a part of another page, which has its own headings and landmarks. */
  readonly isEmbedded?: boolean;
}

/** One page, or one part of a page. */
export class Studio {
  readonly address: Address;
  readonly keys: EventTarget;
  readonly isOpening: boolean;
  readonly isEmbedded: boolean;
  readonly engine = new Engine();
  /** The open data set and the marks on it; absent until one is open. */
  readonly desk = signal<Desk | undefined>(undefined);
  /** The tab that is shown. */
  readonly tab = computed(() => this.address.tab.value ?? (this.desk.value ? 'mark' : 'open'));
  /** The open data set, if it lives in this browser. */
  readonly browserProject = computed(() => {
    const project = this.desk.value?.project;
    return project && 'wholeDataset' in project ? (project as BrowserProject) : undefined;
  });
  #masks: { readonly desk: Desk; readonly masks: LiveMasks } | undefined;
  #opening: Opening | undefined;
  readonly #trainer = signal<Trainer | undefined>(undefined);
  /** The training of the open data set, once its screen was shown. */
  readonly training = computed(() => this.#trainer.value?.state.value);

  constructor({ address, keys, isOpening = false, isEmbedded = false }: Surroundings) {
    this.address = address;
    this.keys = keys;
    this.isOpening = isOpening;
    this.isEmbedded = isEmbedded;
    effect(() => {
      const desk = this.desk.value;
      if (desk) this.address.image.value = desk.image.value;
    });
    effect(() => {
      const image = this.address.image.value;
      untracked(() => {
        const desk = this.desk.value;
        if (desk?.has(image) && image !== desk.image.value) desk.go(image);
      });
    });
  }

  /** The masks that follow the marks of a desk: made when they are first shown. */
  masks(desk: Desk): LiveMasks {
    if (this.#masks?.desk !== desk) this.#masks = { desk, masks: new LiveMasks(this.engine, desk) };
    return this.#masks.masks;
  }

  /** What is read, or waits to be kept, while a person looks at another tab. */
  get opening(): Opening {
    this.#opening ??= new Opening(
      (id, tab) => this.openProject(id, tab),
      () => this.closeProject(),
    );
    return this.#opening;
  }

  /** What trains a project: made when it is first shown. */
  trainer(project: Project): Trainer {
    const made = this.#trainer.peek();
    if (made?.project === project) return made;
    const trainer = new Trainer(project.trainer ?? this.engine, project);
    this.#trainer.value = trainer;
    return trainer;
  }

  /** Shows a project where the person left it. When another tab has let go of it, it opens once more, to be marked. */
  async show(project: Project, image?: number): Promise<void> {
    const desk = new Desk(project, image, await project.place());
    await turn(); // drawing a screen for the first time is a task of its own
    const before = this.desk.value;
    this.desk.value = desk;
    before?.close();
    if (project.isWritable) return;
    void project.released().then(async () => {
      if (this.desk.value?.project === project) await this.show(await project.reopen());
    });
  }

  /** Opens a data set of this browser, and shows a tab. */
  async openProject(id: string, tab: TabName): Promise<void> {
    // The lock of the same project must be free before it is taken again.
    this.desk.value?.project.close();
    await this.show(await openBrowserProject(id));
    this.address.tab.value = tab;
  }

  /** Lets go of the open data set, before it is deleted. */
  closeProject(): void {
    this.desk.value?.close();
    this.desk.value = undefined;
  }

  /** Ends everything that works for it. */
  close(): void {
    this.closeProject();
    this.#opening?.cancel();
    this.engine.close();
  }

  /** Opens what this browser had open last. Its database knows; other memories of browsers do not survive a crash. */
  async openLatest(): Promise<void> {
    const [latest] = await listProjects();
    if (!latest) return;
    await this.show(await openBrowserProject(latest.id), this.address.image.value);
  }
}
