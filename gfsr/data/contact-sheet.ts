// A contact sheet that shows a data set at a glance: the first training images of each class.

import type { Image } from '../image/png.ts';
import { type Dataset, imageAt } from './dataset.ts';

const COLUMNS = 12;
const GAP = 2;
const BLUE = [70, 110, 180];

/** The first training images of each class, one row per class, on blue, a colour that no grey image has at its edge. */
export function contactSheet({ classes, channels, height, width, train }: Dataset): Image {
  const sheet = {
    width: COLUMNS * (width + GAP) + GAP,
    height: classes.length * (height + GAP) + GAP,
    channels: 3 as const,
  };
  const data = new Uint8Array(sheet.width * sheet.height * 3);
  for (let p = 0; p < data.length; p += 3) data.set(BLUE, p);
  const drawn = new Int32Array(classes.length);
  for (let image = 0; image < train.count; image++) {
    const label = train.labels[image];
    const column = drawn[label]++;
    if (column >= COLUMNS) continue;
    const pixels = imageAt(train, image);
    const top = label * (height + GAP) + GAP;
    const left = column * (width + GAP) + GAP;
    for (let p = 0; p < height * width; p++) {
      const to = (top + Math.floor(p / width)) * sheet.width + left + (p % width);
      for (let c = 0; c < 3; c++) {
        data[to * 3 + c] = pixels[Math.min(c, channels - 1) * height * width + p];
      }
    }
  }
  return { ...sheet, data };
}
