// The project that the server of `gfsr annotate` has: images and marks are there, the log of strokes is here.

import type { Stroke } from '../../gfsr/annotation/annotations.ts';
import type { TrainCalls } from '../../gfsr/serve/train-calls.ts';
import { Engine } from '../engine/client.ts';
import { openDatabase, write } from './database.ts';
import { takeTurn } from './only-writer.ts';
import {
  type ImageMarks,
  type MarkedDataset,
  type Project,
  RefusedError,
  StaleError,
} from './project.ts';
import { serverPort } from './server-port.ts';
import { openStrokeLog } from './stroke-log.ts';

/** @throws RefusedError with the words of a server that lets nobody in without a token */
export async function openServerProject(): Promise<Project> {
  await enter();
  const dataset: MarkedDataset = await (await ask('/api/dataset')).json();
  const { name, file, annotator } = dataset;
  const id = `server ${JSON.stringify([name, file, annotator])}`;
  const turn = await takeTurn(id);
  const database = await openDatabase();
  return {
    dataset,
    home: file,
    keeper: 'the server',
    isWritable: turn.isWriter,
    log: await openStrokeLog(database, id, dataset),
    ...(dataset.isTrainedThere && { trainer: new Engine<TrainCalls>(serverPort) }),
    images: async (from, to) =>
      new Uint8Array(await (await ask(`/api/images/${from}-${to}`)).arrayBuffer()),
    save: putMarks,
    annotations: async () => (await ask('/api/annotations')).text(),
    place: () => database.get('places', id),
    keepPlace: (place) =>
      write(database, async (to) => void (await to.objectStore('places').put(place, id))),
    conceptNames: async () => (await database.get('names', id)) ?? {},
    keepConceptNames: (names) =>
      write(database, async (to) => void (await to.objectStore('names').put(names, id))),
    released: turn.released,
    reopen: openServerProject,
    close: turn.end,
  };
}

/** Enters with the token of the address, if it has one, and takes it out of the address. */
async function enter(): Promise<void> {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return;
  history.replaceState(null, '', location.pathname);
  // A token that was used before leaves the cookie that it bought; without one, the next request says what to do.
  await fetch('/api/session', { method: 'POST', body: token });
}

/** Tells the server which changes are this browser's, whose tabs take turns. */
const browserId = (): string => {
  const id = localStorage.getItem('gfsr-browser') ?? crypto.randomUUID();
  localStorage.setItem('gfsr-browser', id);
  return id;
};

async function putMarks(
  image: number,
  strokes: readonly Stroke[],
  revision: string,
): Promise<ImageMarks> {
  const answer = await fetch(`/api/marks/${image}`, {
    method: 'PUT',
    headers: { 'if-match': `"${revision}"`, 'gfsr-browser': browserId() },
    body: JSON.stringify({ strokes }),
  });
  if (answer.status === 409) throw new StaleError(await answer.json());
  if (answer.status === 400) throw new RefusedError(await answer.text());
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

async function ask(path: string): Promise<Response> {
  const answer = await fetch(path);
  if (answer.ok) return answer;
  throw new RefusedError(await answer.text());
}
