// The log of strokes in the browser's database. An event is on the disk before the picture changes.

import type { Stroke } from '../../gfsr/annotation/annotations.ts';
import { placementAt } from '../../gfsr/data/dataset.ts';
import { type Database, type LoggedEvent, write } from './database.ts';
import type { LoggedStrokes, MarkedDataset, StrokeLog } from './project.ts';

/**
 * @param project whose strokes they are, for as long as the browser keeps them
 * @param images strokes stay with their image when others come or go, and wait while it has another size
 */
export async function openStrokeLog(
  database: Database,
  project: string,
  images: Pick<MarkedDataset, 'ids' | 'height' | 'width' | 'placements'>,
): Promise<StrokeLog> {
  const { ids, height, width } = images;
  const indexOf = new Map(ids.map((id, i) => [id, i]));
  /** Where on the image of its file a stroke lies. */
  const frameOf = (image: number) =>
    JSON.stringify([height, width, placementAt(images, image, images)]);
  const find = ({ image, frame }: LoggedEvent): number | undefined => {
    if (typeof image === 'number') return image;
    const index = indexOf.get(image);
    return index !== undefined && frameOf(index) === frame ? index : undefined;
  };
  const unsaved = new Map<number, LoggedStrokes>();
  const { store } = database.transaction('strokes');
  for await (const { primaryKey, value } of store.index('project').iterate(project)) {
    const { strokes, base } = value;
    const index = find(value);
    if (index !== undefined) unsaved.set(index, { event: primaryKey, strokes, base });
  }
  return {
    unsaved,
    append: (image: number, strokes: readonly Stroke[], base: string) => {
      const event = { project, image: ids[image], frame: frameOf(image), strokes, base };
      return write(
        database,
        (transaction) => transaction.objectStore('strokes').add(event),
        'strict',
      );
    },
    settle: (image: number, event: number, revision: string) =>
      write(database, async (transaction) => {
        const events = transaction.objectStore('strokes').index('project');
        for await (const cursor of events.iterate(project)) {
          if (find(cursor.value) !== image) continue;
          if (cursor.primaryKey <= event) await cursor.delete();
          else await cursor.update({ ...cursor.value, base: revision });
        }
      }),
  };
}
