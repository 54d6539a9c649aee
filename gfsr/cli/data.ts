// `gfsr data`: describes a data set, and draws a sheet with a few train images of each class.

import { writeFile } from 'node:fs/promises';
import { type ConfigChanges, defaultConfig } from '../config/config.ts';
import { parseConfig } from '../config/parse.ts';
import { SETTINGS, settingValue } from '../config/settings.ts';
import type { Dataset } from '../data/dataset.ts';
import { dataDefaults } from '../data/defaults.ts';
import { loadDataset } from '../data/load.ts';
import { encodePng, type Image } from '../image/png.ts';
import { describeDataset } from './dataset-summary.ts';
import type { Output } from './output.ts';

export interface DataOptions {
  readonly source: string;
  /** `side`, `shortcut`, `shortcutStrength` and `seed`. */
  readonly settings: ConfigChanges;
  /** Where the sheet goes; none if left out. */
  readonly png?: string;
}

const COLUMNS = 12;
const GAP = 2;
const BLUE = [70, 110, 180];

/** @throws RangeError for data that cannot be loaded */
export async function dataCommand(
  { source, settings, png }: DataOptions,
  out: Output,
): Promise<number> {
  const { data, train } = parseConfig(settings);
  const dataset = await loadDataset(source, { ...data, seed: train.seed });
  for (const line of describeDataset(dataset)) out.result(line);
  const changed = changedDefaults(dataset);
  if (changed) out.result(`\ntrain sets by default ${changed}`);
  if (png) {
    await writeFile(png, encodePng(contactSheet(dataset)));
    out.result(`\nwrote ${png}: a row for each class`);
  }
  return 0;
}

/** The flags in which the defaults for this data differ from those that `--help` shows. */
function changedDefaults(dataset: Dataset): string {
  const defaults = dataDefaults(dataset);
  return SETTINGS.filter(
    (setting) =>
      String(settingValue(defaults, setting)) !== String(settingValue(defaultConfig, setting)),
  )
    .map((setting) => `--${setting.flag} ${settingValue(defaults, setting)}`)
    .join(' ');
}

/** The first train images of each class, a row a class, on blue, which no grey image has at its edge. */
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
    const top = label * (height + GAP) + GAP;
    const left = column * (width + GAP) + GAP;
    for (let p = 0; p < height * width; p++) {
      const to = (top + Math.floor(p / width)) * sheet.width + left + (p % width);
      for (let c = 0; c < 3; c++) {
        const channel = image * channels + Math.min(c, channels - 1);
        data[to * 3 + c] = train.images[channel * height * width + p];
      }
    }
  }
  return { ...sheet, data };
}
