// The studio as a part of other pages: `createStudio`, and the element `<gfsr-studio>`.

import { effect } from '@preact/signals';
import { render } from 'preact';
import { Address } from '../address.ts';
import { Page } from '../page.tsx';
import type { BrowserProject } from '../storage/browser-project.ts';
import { Studio } from '../studio.ts';
import css from '../style.css?inline';
import { openEmbeddedProject } from './embedded-project.ts';
import type { createStudio as Declared, EmbeddedStudio, GfsrStudioElement } from './embedding.ts';

export type {
  ChangeEvent,
  EmbeddedStudio,
  GfsrStudioElement,
  SpreadEvent,
  StudioEventMap,
  StudioOptions,
  StudioStorage,
  TrainedEvent,
} from './embedding.ts';

const inUse = new WeakSet<HTMLElement>();

export const createStudio: typeof Declared = async (element, options) => {
  if (inUse.has(element))
    throw new Error('createStudio: this element has a studio. Close it first.');
  inUse.add(element);
  const page = emptyPage(element);
  const tell = (name: string, detail: unknown) =>
    element.dispatchEvent(new CustomEvent(name, { detail }));
  try {
    render(<p role="status">opening …</p>, page);
    const project = await openEmbeddedProject(options, (annotations) =>
      tell('change', { annotations }),
    );
    const studio = new Studio({ address: new Address(), keys: page, isEmbedded: true });
    await studio.show(project);
    const quiet = report(studio, tell);
    render(<Page studio={studio} />, page);
    const follow = (event: Event) => followLink(studio, event);
    page.addEventListener('click', follow);
    return {
      annotations: () => (studio.desk.value?.project ?? project).annotations(),
      close() {
        quiet();
        page.removeEventListener('click', follow);
        studio.close();
        render(null, page);
        page.remove();
        inUse.delete(element);
      },
    };
  } catch (error) {
    render(<p role="alert">{(error as Error).message}</p>, page);
    inUse.delete(element);
    throw error;
  }
};

/** The shadow root with the look of the studio, and a place in it that can have the focus, so that keys arrive. */
function emptyPage(element: HTMLElement): HTMLElement {
  const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  const page = document.createElement('section');
  page.id = 'page';
  page.tabIndex = -1;
  page.setAttribute('aria-label', 'GFSR Studio');
  root.replaceChildren(page);
  return page;
}

/** Links between the screens lead inside the studio; the address of the page stays. */
function followLink({ address }: Studio, event: Event): void {
  const link = (event.target as Element).closest('a[href^="#"]');
  if (!link) return;
  event.preventDefault();
  address.follow(link.getAttribute('href') as string);
}

/** Tells the embedding page what happens. @returns what ends it */
function report(studio: Studio, tell: (name: string, detail: unknown) => void): () => void {
  const ends = [
    effect(() => {
      const { value: desk } = studio.desk;
      const view = desk && studio.masks(desk).view.value;
      if (view) tell('spread', view.gained);
    }),
    watchTraining(studio, () => {
      const project = studio.desk.value?.project as BrowserProject;
      tell('trained', { run: () => studio.trainer(project).exportRun() });
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** A run that had ended before the page was opened is no news. */
function watchTraining(studio: Studio, onEnd: () => void): () => void {
  let wasRunning = false;
  return effect(() => {
    const state = studio.training.value?.state;
    if (wasRunning && state === 'finished') onEnd();
    wasRunning = state === 'running';
  });
}

/** Defined where there are elements: a server that renders pages imports this, too. */
function defineElement(): void {
  class GfsrStudio extends HTMLElement implements GfsrStudioElement {
    opened: Promise<EmbeddedStudio> = new Promise(() => {});

    connectedCallback(): void {
      const data = this.getAttribute('data');
      const annotations = this.getAttribute('annotations') ?? undefined;
      this.opened = data
        ? createStudio(this, { data, annotations })
        : Promise.reject(new RangeError('<gfsr-studio>: the attribute data is missing.'));
      this.opened.catch((error: Error) => console.error(error.message));
    }

    disconnectedCallback(): void {
      void this.opened.then((studio) => studio.close()).catch(() => {});
    }
  }
  customElements.define('gfsr-studio', GfsrStudio);
}

if ('customElements' in globalThis) defineElement();
