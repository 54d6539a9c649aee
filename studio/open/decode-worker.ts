// Decodes pictures with the library's own decoders, so that pixels are those of the command line.

import { readImages } from '../../gfsr/data/formats/read-images.ts';
import type { Port } from '../../gfsr/serve/messages.ts';
import { Moved, serveCalls } from '../../gfsr/serve/serve-calls.ts';
import type { DecodeCalls } from './decode-pool.ts';
import { provideBuffer } from './node-buffer.ts';

provideBuffer();
serveCalls<DecodeCalls>(globalThis as unknown as Port, {
  async decode({ bytes, name, options }) {
    const file = await readImages(bytes, name, options);
    return new Moved(file, [...new Set(file.images.map(({ values }) => values.buffer))]);
  },
});
