// What all screens share: the address, the engine, and the data set that a person works on.

import { computed, effect, signal, untracked } from '@preact/signals';
import { Address } from './address.ts';
import { Engine } from './engine/client.ts';
import type { Desk } from './mark/desk.ts';
import { LiveMasks } from './mark/live-masks.ts';
import type { Project } from './storage/project.ts';
import { Trainer } from './train/trainer.ts';

/** One page. */
export class Studio {
  readonly address = new Address();
  readonly engine = new Engine();
  /** The open data set and the marks on it; absent until one is open. */
  readonly desk = signal<Desk | undefined>(undefined);
  /** The tab that is shown. */
  readonly tab = computed(() => this.address.tab.value ?? 'mark');

  #masks: { readonly desk: Desk; readonly masks: LiveMasks } | undefined;
  #trainer: Trainer | undefined;

  constructor() {
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

  /** What trains a project: made when it is first shown. */
  trainer(project: Project): Trainer {
    if (this.#trainer?.project !== project) this.#trainer = new Trainer(this.engine, project);
    return this.#trainer;
  }
}
