// The log of strokes in the browser's database. An event is on the disk before the picture changes.

import type { Stroke } from '../../gfsr/annotation/annotations.ts';
import type { Database } from './database.ts';
import type { LoggedStrokes, StrokeLog } from './project.ts';

/** Survives a killed browser and a power cut: the database flushes before it says that it has written. */
const STRICT = { durability: 'strict' } as const;

/** @param project whose strokes they are, for as long as the browser keeps them */
export async function openStrokeLog(database: Database, project: string): Promise<StrokeLog> {
  const unsaved = new Map<number, LoggedStrokes>();
  const { store } = database.transaction('strokes');
  for await (const { primaryKey, value } of store.index('project').iterate(project)) {
    unsaved.set(value.image, { event: primaryKey, strokes: value.strokes });
  }
  return {
    unsaved,
    async append(image: number, strokes: readonly Stroke[]) {
      const transaction = database.transaction('strokes', 'readwrite', STRICT);
      const event = await transaction.store.add({ project, image, strokes });
      await transaction.done;
      return event;
    },
    async settle(image: number, event: number) {
      const transaction = database.transaction('strokes', 'readwrite');
      for await (const cursor of transaction.store.index('project').iterate(project)) {
        if (cursor.value.image === image && cursor.primaryKey <= event) await cursor.delete();
      }
      await transaction.done;
    },
  };
}
