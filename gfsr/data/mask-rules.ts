// Masks by a rule, for medical images that have none: what a person would outline, found by plain image processing.
// They stand in for a person where marks are simulated and where alignment is measured.

import type { MaskRule } from '../config/data.ts';
import { connectedComponents } from '../image/connected-components.ts';
import { depthInside } from '../image/depth-inside.ts';
import { gaussianBlur } from '../image/gaussian-blur.ts';
import { checkDataset, type Dataset, imageAt, mapSplits, type Split } from './dataset.ts';

/** A grey image, 0 to 255. */
interface Grey {
  readonly values: Float32Array;
  readonly height: number;
  readonly width: number;
}

type Rule = (image: Grey) => Uint8Array;

/** The lung fields of an upright chest X-ray: left, top, right and bottom as shares of the image. [ours] */
const LUNGS = [
  [0.12, 0.16, 0.44, 0.76],
  [0.56, 0.16, 0.88, 0.76],
] as const;
/** Share of the shorter side by which the disc of the retina is eroded: its bright rim is no retina. [ours] */
const RETINA_RIM = 1 / 14;
/** Share of the brightness of an image, as its 99th percentile, up to which a pixel is black. [ours] */
const DARK = 0.12;
/** A lesion covers at least and at most these shares of the image; otherwise Otsu found something else. [ours] */
const LESION_AREA = [0.01, 0.7] as const;

/** Blur that removes hairs and noise before a lesion is looked for, as a share of the width. [ours] */
const LESION_BLUR = 1 / 28;

/** [H, W] of 0 and 1; all 0 where the rule finds nothing. */
const RULES: Readonly<Record<Exclude<MaskRule, 'none'>, { find: Rule; says: string }>> = {
  lungs: {
    find: ({ height, width }) =>
      Uint8Array.from({ length: height * width }, (_, p) => {
        const [x, y] = [((p % width) + 0.5) / width, (Math.floor(p / width) + 0.5) / height];
        const inBox = LUNGS.some(([x0, y0, x1, y1]) => x >= x0 && x < x1 && y >= y0 && y < y1);
        return Number(inBox);
      }),
    says: 'the two lung fields as boxes, at the same place in every image',
  },
  retina: {
    find: (image) => {
      const { values, height, width } = image;
      const bright = values.toSorted()[Math.floor(0.99 * values.length)];
      const lit = mostCentral(above(image, DARK * bright), image);
      const disc = depthInside(withoutDents(lit, image), height, width);
      const rim = RETINA_RIM * Math.min(height, width);
      return Uint8Array.from(disc, (depth) => Number(depth > rim));
    },
    says: 'the disc of the retina, which is all that is not black, eroded by 1/14 of the side',
  },
  lesion: {
    find: (image) => {
      const { height, width } = image;
      const values = gaussianBlur(image.values, height, width, LESION_BLUR * width);
      const dark = above({ ...image, values }, otsu(values)).map((bright) => 1 - bright);
      const lesion = mostCentral(dark, image);
      const share = lesion.reduce((sum, v) => sum + v, 0) / lesion.length;
      return share >= LESION_AREA[0] && share <= LESION_AREA[1] ? lesion : lesion.fill(0);
    },
    says: 'the dark lesion: of the regions that are darker than Otsu’s threshold after a slight blur, the most central one',
  },
};

/**
 * Gives every image of every split a mask by a rule. Images for which the rule finds nothing get none.
 *
 * @throws RangeError if the data has masks of its own
 */
export function masksByRule<D extends Dataset>(dataset: D, name: Exclude<MaskRule, 'none'>): D {
  const { channels, height, width } = dataset;
  if ([dataset.train, dataset.val, dataset.test].some(({ masks }) => masks)) {
    throw new RangeError(
      `${dataset.name}: has real masks, got maskRule ${name}, expected none. Leave it out.`,
    );
  }
  const { find, says } = RULES[name];
  const ruled = (split: Split): Split => {
    const masks = new Map<number, Uint8Array>();
    for (let i = 0; i < split.count; i++) {
      const mask = find({ values: greyOf(imageAt(split, i), channels), height, width });
      if (mask.includes(1)) masks.set(i, mask);
    }
    return { ...split, masks };
  };
  const note = `Masks are not drawn by people but made by the rule ${name}: ${says}.`;
  return checkDataset({ ...mapSplits(dataset, ruled), notes: [...dataset.notes, note] });
}

/** The mask, with every pixel that lies between two of its pixels in its row and in its column. */
function withoutDents(mask: Uint8Array, { height, width }: Grey): Uint8Array {
  const between = (line: readonly number[]): number[] => {
    const [first, last] = [
      line.findIndex((p) => mask[p] === 1),
      line.findLastIndex((p) => mask[p] === 1),
    ];
    return first < 0 ? [] : line.slice(first, last + 1);
  };
  const rows = Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => y * width + x),
  );
  const columns = Array.from({ length: width }, (_, x) =>
    Array.from({ length: height }, (_, y) => y * width + x),
  );
  const inRows = new Set(rows.flatMap(between));
  const inColumns = new Set(columns.flatMap(between));
  return mask.map((_, p) => Number(inRows.has(p) && inColumns.has(p)));
}

/** Mean of the channels. */
function greyOf(image: Uint8Array, channels: number): Float32Array {
  const area = image.length / channels;
  const grey = new Float32Array(area);
  for (let p = 0; p < image.length; p++) grey[p % area] += image[p] / channels;
  return grey;
}

const above = ({ values }: Grey, threshold: number): Uint8Array =>
  Uint8Array.from(values, (v) => Number(v > threshold));

/** The connected region with the most pixels, each weighted by how near to the centre it is. [ours] */
function mostCentral(mask: Uint8Array, { height, width }: Grey): Uint8Array {
  const { labels, count } = connectedComponents(mask, height, width, 4);
  const weights = new Float64Array(count);
  for (const [p, label] of labels.entries()) {
    if (mask[p] === 0) continue;
    const dx = ((p % width) + 0.5) / width - 0.5;
    const dy = (Math.floor(p / width) + 0.5) / height - 0.5;
    weights[label] += Math.exp(-8 * (dx * dx + dy * dy));
  }
  const best = weights.reduce((a, weight, label) => (weight > weights[a] ? label : a), 0);
  return Uint8Array.from(labels, (label) => Number(weights[best] > 0 && label === best));
}

/**
 * The grey level that divides an image into two classes with the largest variance between them (Otsu 1979), 0 to 255.
 */
export function otsu(values: Float32Array): number {
  const counts = new Float64Array(256);
  for (const v of values) counts[Math.round(v)]++;
  const total = values.length;
  const sum = counts.reduce((all, count, level) => all + count * level, 0);
  let [below, sumBelow, best, threshold] = [0, 0, -1, 0];
  for (let level = 0; level < 255; level++) {
    below += counts[level];
    sumBelow += counts[level] * level;
    if (below === 0 || below === total) continue;
    const gap = sumBelow / below - (sum - sumBelow) / (total - below);
    const between = below * (total - below) * gap * gap;
    if (between > best) [best, threshold] = [between, level];
  }
  return threshold;
}
