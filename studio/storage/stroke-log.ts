// The log of strokes in the browser's database. An event is on the disk before the picture changes.

import type { Stroke } from '../../gfsr/annotation/annotations.ts';
import { type Database, write } from './database.ts';
import type { LoggedStrokes, StrokeLog } from './project.ts';

/** @param project whose strokes they are, for as long as the browser keeps them */
export async function openStrokeLog(database: Database, project: string): Promise<StrokeLog> {
  const unsaved = new Map<number, LoggedStrokes>();
  const { store } = database.transaction('strokes');
  for await (const { primaryKey, value } of store.index('project').iterate(project)) {
    unsaved.set(value.image, { event: primaryKey, strokes: value.strokes });
  }
  return {
    unsaved,
    append: (image: number, strokes: readonly Stroke[]) =>
      write(
        database,
        (transaction) => transaction.objectStore('strokes').add({ project, image, strokes }),
        'strict',
      ),
    settle: (image: number, event: number) =>
      write(database, async (transaction) => {
        const events = transaction.objectStore('strokes').index('project');
        for await (const cursor of events.iterate(project)) {
          if (cursor.value.image === image && cursor.primaryKey <= event) await cursor.delete();
        }
      }),
  };
}
