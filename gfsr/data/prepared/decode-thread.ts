// A thread that decodes one file after the other. It computes nothing else, so it may be ended at any moment.

import { isMainThread, parentPort } from 'node:worker_threads';
import type { ReadOptions } from '../formats/format.ts';
import { readImages } from '../formats/read-images.ts';

/** The module to start as a thread. */
export const DECODE_THREAD = import.meta.url;

/** A file to decode. */
export interface DecodeOrder {
  readonly bytes: Uint8Array;
  readonly name: string;
  readonly options: ReadOptions;
}

/** What became of a file. Of an error, its class does not cross. */
export type DecodeAnswer =
  | { readonly file: Awaited<ReturnType<typeof readImages>> }
  | { readonly kind: string; readonly message: string };

if (!isMainThread) {
  parentPort?.on('message', async ({ bytes, name, options }: DecodeOrder) => {
    try {
      const file = await readImages(bytes, name, options);
      const moved = [...new Set(file.images.map(({ values }) => values.buffer as ArrayBuffer))];
      answer({ file }, moved);
    } catch (error) {
      const { name: kind, message } = error as Error;
      answer({ kind, message });
    }
  });
}

function answer(said: DecodeAnswer, moved: ArrayBuffer[] = []): void {
  parentPort?.postMessage(said, moved);
}
