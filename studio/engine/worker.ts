// The engine worker: owns the device and the data set, and answers everything that the page asks.

import { createBrowserDevice } from '../../engine/browser.ts';
import { LastingDevice } from '../../gfsr/serve/lasting-device.ts';
import type { Port } from '../../gfsr/serve/messages.ts';
import { Moved, serveCalls } from '../../gfsr/serve/serve-calls.ts';
import type { Trainings } from '../../gfsr/serve/trainings.ts';
import type { EngineCalls } from './calls.ts';
import { conceptCards, conceptRelevance } from './concept-cards.ts';
import { LiveMasks } from './live-masks.ts';
import type { MaskView } from './mask-calls.ts';
import { projectFiles } from './project-files.ts';
import { RightOfWay } from './right-of-way.ts';
import { Workspace } from './workspace.ts';

/** Marks go first: a training waits for them. */
const marking = new RightOfWay();
const device = new LastingDevice(
  () => createBrowserDevice(),
  () => marking.free(),
);
let open: { readonly workspace: Workspace; readonly masks: LiveMasks } | undefined;
let loaded: Promise<Trainings> | undefined;

/** Ends the refining of live masks, which would share the device with a training and have its cost measured wrong. */
let refining = new AbortController();

/** Its code, reports and all, is loaded by the first training. */
function trainings(): Promise<Trainings> {
  loaded ??= import('../../gfsr/serve/trainings.ts').then(
    ({ Trainings }) => new Trainings({ device, files: projectFiles, maker: thisBrowser() }),
  );
  return loaded;
}

declare const __GFSR_VERSION__: string;

const thisBrowser = () => ({
  processor: `${navigator.hardwareConcurrency} × unknown`,
  versions: { gfsr: __GFSR_VERSION__, browser: navigator.userAgent, os: navigator.platform },
  own: { gfsr: __GFSR_VERSION__, code: __GFSR_VERSION__ },
});

/** @throws Error if no data set is open */
function opened() {
  if (!open) throw new Error('no data set is open. Open one first.');
  return open;
}

/** Moves the tiles to the page instead of copying them. */
const moved = (view: MaskView | undefined) =>
  new Moved(
    view,
    (view?.tiles ?? []).map(({ pixels }) => pixels.buffer),
  );

serveCalls<EngineCalls>(globalThis as unknown as Port, {
  device: () => device.state(),
  open: (outline) => {
    const workspace = new Workspace(outline);
    open = { workspace, masks: new LiveMasks(workspace) };
    return undefined;
  },
  images: (block) => {
    opened().workspace.add(block);
    return undefined;
  },
  prepareMasks: (_, { signal, report }) =>
    opened().masks.prepare({ signal, onProgress: (stage, share) => report({ stage, share }) }),
  spreadMarks: (request) => marking.first(() => moved(opened().masks.spread(request))),
  refineMarks: async (request, { signal, report }) => {
    if ((await loaded)?.isBusy) return undefined;
    const { masks } = opened();
    refining = new AbortController(); // before anything is waited for, so that a training finds it
    const { signal: trained } = refining;
    const gpu = await device.gpu();
    const onProgress = (_: string, share: number) => report({ share });
    try {
      const task = { signal: AbortSignal.any([signal, trained]), onProgress };
      return moved(await masks.refine(gpu, request, task));
    } catch (error) {
      if (trained.aborted) return undefined;
      throw error;
    }
  },
  attend: () => {
    marking.attend();
    return undefined;
  },
  imageRelevance: (image) => opened().masks.relevanceOf(image),
  exportMasks: async ({ format }, { signal, report }) => {
    const onProgress = (_: string, share: number) => report({ share });
    const bytes = await opened().masks.exported(format, { signal, onProgress });
    return new Moved(bytes, [bytes.buffer]);
  },
  suggestImages: ({ count }) => opened().masks.suggest(count),
  conceptCards: () => {
    const { workspace, masks } = opened();
    const cards = conceptCards(workspace.split('train'), masks.prepared);
    return new Moved(
      cards,
      cards.flatMap(({ examples }) => examples.map(({ pixels }) => pixels.buffer)),
    );
  },
  conceptRelevance: () => {
    const { masks } = opened();
    return masks.mask && conceptRelevance(masks.prepared, masks.mask);
  },
  train: async (request, { report }) => {
    refining.abort();
    return (await trainings()).train(request, report);
  },
  followTraining: async (place, { report }) => (await trainings()).follow(place, report),
  stopTraining: async () => (await trainings()).stop(),
  lastRun: async (place) => (await trainings()).lastRun(place),
  explain: async (request) => (await trainings()).explain(request),
  keepVerdicts: async ({ place, verdicts }) => (await trainings()).keepVerdicts(place, verdicts),
  openTest: async (place) => (await trainings()).openTest(place),
  exportRun: async (place) => {
    const bytes = await (await trainings()).exportRun(place);
    return new Moved(bytes, [bytes.buffer]);
  },
  runFiles: async (place) => {
    const files = await (await trainings()).runFiles(place);
    return new Moved(
      files,
      files.map(([, { buffer }]) => buffer),
    );
  },
});
