// The training of a run for TensorBoard: losses and validation figures by epoch, and its pictures.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from '../files/folder-files.ts';
import { readBytes, readText } from '../files/read-file.ts';
import { encodeEvents, type StepEvents } from '../store/export/event-file.ts';
import { parseJson } from '../text/json.ts';

/** Name of an event file, by which TensorBoard finds it. */
const EVENTS = 'events.out.tfevents.gfsr';

/**
 * Event files by path: one per arm, whose steps are epochs from 1, and `pictures` with the overlays of the run.
 *
 * @param folder of the run
 * @throws RangeError if it has no `metrics.json`, which finished runs have
 */
export async function tensorboardFiles(folder: string): Promise<Map<string, Uint8Array>> {
  const path = join(folder, 'metrics.json');
  if (!existsSync(path)) {
    throw new RangeError(
      `${folder}: has no metrics.json. Finish it with: gfsr train --resume ${folder}`,
    );
  }
  const { arms } = parseJson(await readText(path), path) as Metrics;
  const files = new Map<string, Uint8Array>();
  for (const [arm, { history }] of Object.entries(arms)) {
    files.set(`${arm}/${EVENTS}`, encodeEvents(epochs(history)));
  }
  const pictures = await overlays(join(folder, 'overlays'));
  return files.set(`pictures/${EVENTS}`, encodeEvents([{ step: 0, seconds: 0, pictures }]));
}

/** What is needed of `metrics.json`. */
interface Metrics {
  readonly arms: Readonly<Record<string, { readonly history: readonly Epoch[] }>>;
}

type Epoch = Readonly<Record<string, unknown>> & { readonly seconds: number };

/** Every number of an epoch. Its time is the sum of the seconds so far, so the same run gives the same bytes. */
function epochs(history: readonly Epoch[]): StepEvents[] {
  let seconds = 0;
  return history.map((record, i) => {
    seconds += record.seconds;
    const numbers = Object.entries(record).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number' && entry[0] !== 'epoch',
    );
    return { step: i + 1, seconds, scalars: Object.fromEntries(numbers) };
  });
}

async function overlays(folder: string): Promise<NonNullable<StepEvents['pictures']>> {
  if (!existsSync(folder)) return {};
  const names = (await filesBelow(folder)).filter((name) => name.endsWith('.png')).sort();
  const entries = names.map(async (name) => {
    const png = await readBytes(join(folder, name));
    // Our own files: the header of a PNG is always in the same place.
    const header = new DataView(png.buffer, png.byteOffset, png.byteLength);
    const [width, height] = [header.getUint32(16), header.getUint32(20)];
    return [name.replace(/\.png$/, ''), { png, width, height }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
