// The training of a run for TensorBoard: losses and validation figures by epoch, and its pictures.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { filesBelow } from '../files/folder-files.ts';
import { readBytes, readText } from '../files/read-file.ts';
import { encodeEvents, type StepEvents } from '../store/export/event-file.ts';
import { resumeCommand } from '../store/run-folder.ts';
import { parseJson } from '../text/json.ts';
import { cut } from '../text/visible.ts';
import { ARMS } from '../train/experiment.ts';

/** Name of an event file, by which TensorBoard finds it. */
const EVENTS = 'events.out.tfevents.gfsr';
/** Signature, length and name of the first part, width and height. */
const HEADER_BYTES = 24;

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
      `${folder}: has no metrics.json. Finish it with: ${resumeCommand(folder)}`,
    );
  }
  const { arms } = parseMetrics(await readText(path), path);
  const files = new Map<string, Uint8Array>();
  for (const [arm, { history }] of Object.entries(arms)) {
    files.set(`${arm}/${EVENTS}`, encodeEvents(epochs(history)));
  }
  const pictures = await overlays(join(folder, 'overlays'));
  return files.set(`pictures/${EVENTS}`, encodeEvents([{ step: 0, seconds: 0, pictures }]));
}

const epochSchema = v.looseObject({ seconds: v.number() });
type Epoch = v.InferOutput<typeof epochSchema>;

/** What is needed of `metrics.json`. Arms become names of folders, so that there are no others. */
const metricsSchema = v.object({
  arms: v.record(v.picklist(ARMS), v.object({ history: v.array(epochSchema) })),
});

/** @throws RangeError naming `where` if the text is not the metrics of a run */
function parseMetrics(text: string, where: string) {
  const result = v.safeParse(metricsSchema, parseJson(text, where));
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new RangeError(
    `${where}: ${v.getDotPath(issue) ?? 'content'} is ${cut(issue.received, 120)}, expected ${issue.expected}. The file is damaged or of another version.`,
  );
}

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
    const file = join(folder, name);
    const png = await readBytes(file, 'dataBytes');
    if (png.length < HEADER_BYTES) throw new RangeError(`${file}: is cut, expected a PNG file.`);
    // The header of a PNG is always in the same place.
    const header = new DataView(png.buffer, png.byteOffset, png.byteLength);
    const [width, height] = [header.getUint32(16), header.getUint32(20)];
    return [name.replace(/\.png$/, ''), { png, width, height }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
