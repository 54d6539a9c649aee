// PNG of every kind through pngjs, with the depth that it has; transparent pixels lie on black or white.

import { readPngPixels } from '../../image/png.ts';
import { type ImageFormat, startsWith } from './format.ts';

export const png: ImageFormat = {
  name: 'PNG',
  extensions: ['.png', '.apng'],
  recognises: (bytes) => startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  read(bytes, { where, maxPixels, background }) {
    const { width, height, depth, grey, frames, rgba } = readPngPixels(bytes, { where, maxPixels });
    const channels = grey ? 1 : 3;
    const wide = depth === 16;
    const full = wide ? 65_535 : 255;
    const behind = background === 'white' ? full : 0;
    const values = new (wide ? Uint16Array : Uint8Array)(width * height * channels);
    let seeThrough = false;
    for (let p = 0, to = 0; p < width * height; p++) {
      const alpha = rgba[p * 4 + 3];
      seeThrough ||= alpha < full;
      for (let c = 0; c < channels; c++) {
        values[to++] = Math.round((rgba[p * 4 + c] * alpha + behind * (full - alpha)) / full);
      }
    }
    const notes: string[] = [];
    if (seeThrough) notes.push(`Transparent pixels are laid on ${background}.`);
    if (frames > 1) notes.push('Of an animation the first image is taken.');
    // 16 bits may be 12 of a scanner, which their whole range would show as nearly black.
    const window = wide ? undefined : { black: 0, white: full };
    return { images: [{ width, height, channels, values, window }], notes };
  },
};
