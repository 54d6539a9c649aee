// Workers that decode pictures, each one file at a time.

import type { ReadOptions } from '../../gfsr/data/formats/format.ts';
import type { readImages } from '../../gfsr/data/formats/read-images.ts';
import type { Decoder } from '../../gfsr/data/picture-files.ts';
import type { Call } from '../../gfsr/serve/messages.ts';
import { Engine } from '../engine/client.ts';

export interface DecodeCalls {
  readonly decode: Call<
    { readonly bytes: Uint8Array; readonly name: string; readonly options: ReadOptions },
    Awaited<ReturnType<typeof readImages>>
  >;
}

/** One processor is left to the page. */
const MOST = 6;

/** A worker for every processor but one. They start with the first file. */
export function decodePool(): Decoder {
  const width = Math.min(MOST, Math.max(1, (navigator.hardwareConcurrency ?? 2) - 1));
  const start = () =>
    new Worker(new URL('./decode-worker.ts', import.meta.url), { type: 'module', name: 'decoder' });
  const idle = Array.from({ length: width }, () => new Engine<DecodeCalls>(start));
  return {
    width,
    async decode(bytes, name, options = {}) {
      const worker = idle.pop() as Engine<DecodeCalls>;
      try {
        return await worker.ask('decode', { bytes, name, options });
      } catch (error) {
        // The name of an error crosses, its class does not.
        const { name: kind, message } = error as Error;
        throw kind === 'RangeError' ? new RangeError(message) : error;
      } finally {
        idle.push(worker);
      }
    },
  };
}
