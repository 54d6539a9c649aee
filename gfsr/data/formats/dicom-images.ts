// DICOM images as they are meant to be seen: rescaled, windowed, inverted, coloured. Nothing of the patient is read.

import type { DataSet } from 'dicom-parser';
import type { Window } from '../../image/window.ts';
import { reasonOf } from '../../text/reason.ts';
import { type DicomFile, frameTags, openDicom } from './dicom-file.ts';
import { readStored, type StoredPixels } from './dicom-pixels.ts';
import { applyTable, readPalette, readTable } from './dicom-tables.ts';
import type { DeepImage, ImageFile, PixelValues, ResolvedOptions } from './format.ts';

/** @throws RangeError for a damaged, oversized or hostile file, or one that holds no images */
export async function readDicomImages(
  bytes: Uint8Array,
  options: ResolvedOptions,
): Promise<ImageFile> {
  try {
    return await readShown(bytes, options);
  } catch (error) {
    if (error instanceof Error) throw error;
    // The parser reads each tag when it is asked for it, and throws a text at one that reaches beyond the file.
    throw new RangeError(`${options.where}: DICOM file is truncated or damaged${reasonOf(error)}.`);
  }
}

async function readShown(bytes: Uint8Array, options: ResolvedOptions): Promise<ImageFile> {
  const file = await openDicom(bytes, options);
  const stored = await readStored(file, options);
  const { rows, columns, frames, samples } = file.layout;
  const size = rows * columns * samples;
  const notes = new Set<string>();
  const images = Array.from({ length: frames }, (_, i): DeepImage => {
    const values = stored.values.subarray(i * size, (i + 1) * size);
    return {
      ...{ width: columns, height: rows },
      ...showFrame(file, { ...stored, values }, i, notes, options.where),
      ...(frames > 1 && { part: `frame ${i}` }),
    };
  });
  return { images, notes: [...notes] };
}

type Shown = Pick<DeepImage, 'channels' | 'values' | 'window' | 'inverted'>;

function showFrame(
  file: DicomFile,
  { values, photometric }: StoredPixels,
  frame: number,
  notes: Set<string>,
  where: string,
): Shown {
  switch (photometric) {
    case 'MONOCHROME1':
    case 'MONOCHROME2':
      return showGrey(file, values, frame, photometric === 'MONOCHROME1', notes);
    case 'PALETTE COLOR':
      return { channels: 3, values: readPalette(file, values, where), window: BYTES };
    case 'RGB':
    case 'YBR_ICT':
    case 'YBR_RCT':
      return { channels: 3, values, window: fullRange(file) };
    case 'YBR_FULL':
    case 'YBR_FULL_422':
      if (file.layout.bitsStored !== 8) break;
      return { channels: 3, values: yccToRgb(values), window: BYTES };
  }
  throw new RangeError(
    `${where}: photometric interpretation ${photometric} of ${file.layout.bitsStored} bits, expected MONOCHROME1, ` +
      'MONOCHROME2, PALETTE COLOR, RGB or YBR_FULL.',
  );
}

const BYTES: Window = { black: 0, white: 255 };

/** What the stored bits can hold. */
function fullRange({ layout: { bitsStored, signed } }: DicomFile): Window {
  const black = signed ? -(2 ** (bitsStored - 1)) : 0;
  return { black, white: black + 2 ** bitsStored - 1 };
}

/** Rescaled to the modality's units, with the window of the file; the window comes before the inversion (PS3.4 N.2). */
function showGrey(
  file: DicomFile,
  stored: PixelValues,
  frame: number,
  inverted: boolean,
  notes: Set<string>,
): Shown {
  const units = readTable(file, 'x00283000');
  const transform = frameTags(file, frame, 'x00289145');
  const slope = transform.floatString('x00281053') ?? 1;
  const intercept = transform.floatString('x00281052') ?? 0;
  const filled = fillPadding(file, stored, inverted !== slope < 0);
  let values: PixelValues = filled;
  if (units) values = applyTable(filled, units);
  else if (slope !== 1 || intercept !== 0) {
    values = new Float32Array(filled.length);
    for (let i = 0; i < values.length; i++) values[i] = filled[i] * slope + intercept;
  }
  let window = fileWindow(frameTags(file, frame, 'x00289132'), notes);
  const shown = window ? undefined : readTable(file, 'x00283010');
  if (shown) {
    values = applyTable(values, shown);
    window = { black: 0, white: 2 ** shown.bits - 1 };
  }
  const plain = !units && slope === 1 && intercept === 0 && file.layout.bitsStored <= 8;
  if (!window && plain && !(stored instanceof Float32Array)) window = fullRange(file);
  if (!window) return { channels: 1, values, inverted };
  const { black, white } = window;
  return { channels: 1, values, window: inverted ? { black: white, white: black } : window };
}

/**
 * The first window of the file (PS3.3 C.11.2.1.2). LINEAR: black up to c − ½ − (w − 1)/2, white from c − ½ + (w − 1)/2
 * on; LINEAR_EXACT: c ∓ w/2.
 */
function fileWindow(tags: DataSet, notes: Set<string>): Window | undefined {
  const center = tags.floatString('x00281050');
  const width = tags.floatString('x00281051');
  if (center === undefined || width === undefined || !Number.isFinite(center) || !(width > 0)) {
    return undefined;
  }
  const shape = tags.string('x00281056') ?? 'LINEAR';
  if (shape === 'SIGMOID') notes.add('A sigmoid window of DICOM files is taken as a linear one.');
  notes.add('Grey values of DICOM files are shown under the window that the file names.');
  const exact = shape === 'LINEAR_EXACT' || width < 1;
  const middle = exact ? center : center - 0.5;
  // A width of 1 is a threshold: black below the centre, white from it on.
  const half = exact ? width / 2 : Math.max((width - 1) / 2, 0.25);
  return { black: middle - half, white: middle + half };
}

/**
 * Padding around the image (PS3.3 C.7.5.1.1.2) takes the value of the image itself that is shown darkest, so it widens
 * no window.
 */
function fillPadding(
  { dataSet, layout }: DicomFile,
  values: PixelValues,
  isHighDark: boolean,
): PixelValues {
  const read = (tag: string) => (layout.signed ? dataSet.int16(tag) : dataSet.uint16(tag));
  const first = read('x00280120');
  if (first === undefined) return values;
  const last = read('x00280121') ?? first;
  const [low, high] = [Math.min(first, last), Math.max(first, last)];
  let darkest: number | undefined;
  let padded = false;
  for (const value of values) {
    if (value >= low && value <= high) padded = true;
    else if (darkest === undefined || (isHighDark ? value > darkest : value < darkest)) {
      darkest = value;
    }
  }
  const fill = darkest;
  if (!padded || fill === undefined) return values;
  return values.map((value) => (value >= low && value <= high ? fill : value));
}

/** Y, Cb, Cr of full range to R, G, B (PS3.3 C.7.6.3.1.2). */
function yccToRgb(values: PixelValues): Uint8Array {
  const out = new Uint8ClampedArray(values.length);
  for (let i = 0; i < values.length; i += 3) {
    const [y, cb, cr] = [values[i], values[i + 1] - 128, values[i + 2] - 128];
    out[i] = y + 1.402 * cr;
    out[i + 1] = y - 0.344136 * cb - 0.714136 * cr;
    out[i + 2] = y + 1.772 * cb;
  }
  return new Uint8Array(out.buffer);
}
