// The project of an embedded studio: images of the embedding page, marks in this browser or where that page keeps them.

import type { Dataset } from '../../gfsr/data/dataset.ts';
import { Engine } from '../engine/client.ts';
import { type Given, givenOf } from '../open/given.ts';
import type { Kept, ReadingCalls } from '../open/messages.ts';
import { startReader } from '../open/reader.ts';
import { type BrowserProject, openBrowserProject } from '../storage/browser-project.ts';
import type { StudioOptions, StudioStorage } from './embedding.ts';

/** @param onChange is told the annotation file after each change */
export async function openEmbeddedProject(
  { data, annotations, storage }: StudioOptions,
  onChange: (annotations: string) => void,
): Promise<BrowserProject> {
  const { id, isKnown } = await keepOnce(data);
  const project = await openBrowserProject(id);
  const isGiven = storage !== undefined || (annotations !== undefined && !isKnown);
  if (!isGiven || !project.isWritable) return reporting(project, storage, onChange);
  if (storage) await project.replaceMarks(await storage.load(), storage.name);
  else if (annotations) {
    await project.addMarks(await (await fetched(annotations)).text(), fileName(annotations));
  }
  project.close();
  return reporting(await openBrowserProject(id), storage, onChange);
}

/** The project, whose every change also goes to the storage of the page and to its listeners. */
function reporting(
  project: BrowserProject,
  storage: StudioStorage | undefined,
  onChange: (annotations: string) => void,
): BrowserProject {
  return {
    ...project,
    ...(storage && { home: storage.name, keeper: storage.name }),
    async save(image, strokes, revision) {
      const saved = await project.save(image, strokes, revision);
      const text = await project.annotations();
      await storage?.save(text);
      onChange(text);
      return saved;
    },
    reopen: async () => reporting(await openBrowserProject(project.id), storage, onChange),
  };
}

/** Keeps a data set in this browser, unless it is there already. */
async function keepOnce(data: StudioOptions['data']): Promise<Kept> {
  const worker = startReader();
  try {
    const reader = new Engine<ReadingCalls>(() => worker);
    if (isDataset(data)) return await reader.ask('keep', { isOnce: true, dataset: data });
    const given = await givenData(data);
    const unlabelled = await reader.ask('look', given);
    if (unlabelled.length > 0) {
      throw new RangeError(
        `${given.name}: nothing says the class of ${unlabelled[0]}. Add a manifest.csv, or one folder per class.`,
      );
    }
    await reader.ask('read', { given });
    return await reader.ask('keep', { isOnce: true });
  } finally {
    worker.terminate();
  }
}

const isDataset = (data: StudioOptions['data']): data is Dataset =>
  typeof data === 'object' && 'train' in data;

async function givenData(data: string | URL | File): Promise<Given> {
  if (data instanceof File) return givenOf([{ path: data.name, file: data }]);
  return givenOf([{ path: fileName(data), file: await (await fetched(data)).blob() }]);
}

const fileName = (address: string | URL): string =>
  decodeURIComponent(new URL(address, location.href).pathname.split('/').at(-1) as string);

async function fetched(address: string | URL): Promise<Response> {
  const answer = await fetch(address).catch((error: Error) => {
    throw new RangeError(`cannot fetch ${address}: ${error.message}.`);
  });
  if (!answer.ok) throw new RangeError(`cannot fetch ${address}: status ${answer.status}.`);
  return answer;
}
