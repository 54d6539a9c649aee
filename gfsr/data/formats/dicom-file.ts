// Opens a DICOM file through dicom-parser: its tags, and what they say of the pixels. Tags of patients are never read.

import type { DataSet } from 'dicom-parser';
import { inflateAtMost } from '../../files/inflate.ts';
import { reasonOf } from '../../text/reason.ts';
import type { ResolvedOptions } from './format.ts';

/** A DICOM file whose pixels have not been read yet. */
export interface DicomFile {
  readonly bytes: Uint8Array;
  readonly dataSet: DataSet;
  /** UID of the transfer syntax. */
  readonly syntax: string;
  readonly bigEndian: boolean;
  /** Tag of the pixels: integer, float or double. */
  readonly pixelTag: string;
  readonly layout: PixelLayout;
}

/** How pixels are stored: the tags of group 0028. */
export interface PixelLayout {
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
  readonly samples: number;
  /** MONOCHROME1, RGB, … */
  readonly photometric: string;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly signed: boolean;
  /** Colours stand plane after plane, not pixel after pixel. */
  readonly planar: boolean;
}

const BIG_ENDIAN = '1.2.840.10008.1.2.2';
const PIXEL_TAGS = ['x7fe00010', 'x7fe00008', 'x7fe00009'];

/** What files without pixels are, by the beginning of their SOP class. */
const PICTURELESS: readonly (readonly [string, string])[] = [
  ['1.2.840.10008.5.1.4.1.1.88.', 'a structured report'],
  ['1.2.840.10008.5.1.4.1.1.104.', 'a document in a DICOM file'],
  ['1.2.840.10008.5.1.4.1.1.9.', 'a waveform'],
  ['1.2.840.10008.5.1.4.1.1.11.', 'a presentation state'],
  ['1.2.840.10008.5.1.4.1.1.481.3', 'a set of radiotherapy contours'],
  ['1.2.840.10008.5.1.4.1.1.481.5', 'a radiotherapy plan'],
  ['1.2.840.10008.1.3.10', 'a DICOMDIR'],
];

/**
 * Parses the tags.
 *
 * @throws RangeError for a file that is damaged, truncated, or has no pixels
 */
export async function openDicom(bytes: Uint8Array, options: ResolvedOptions): Promise<DicomFile> {
  const { where, maxBytes } = options;
  const parser = (await import('dicom-parser')).default;
  const inflater = (file: Uint8Array, start: number) => {
    const body = inflateAtMost(file.subarray(start), maxBytes, 'deflate', where);
    const whole = new Uint8Array(start + body.length);
    whole.set(file.subarray(0, start));
    whole.set(body, start);
    return whole;
  };
  let dataSet: DataSet;
  try {
    dataSet = parser.parseDicom(bytes, { inflater });
  } catch (error) {
    throw new RangeError(`${where}: DICOM file is truncated or damaged${reasonOf(error)}.`);
  }
  const pixelTag = PIXEL_TAGS.find((tag) => dataSet.elements[tag]);
  if (pixelTag === undefined) {
    const sopClass = dataSet.string('x00080016') ?? dataSet.string('x00020002') ?? '';
    const what = PICTURELESS.find(([uid]) => sopClass.startsWith(uid))?.[1];
    throw new RangeError(
      `${where}: DICOM file without pixels${what ? `: it is ${what}` : ''}, expected an image. Take it out of the data.`,
    );
  }
  const syntax = dataSet.string('x00020010') ?? '';
  return {
    ...{ bytes: dataSet.byteArray, dataSet, syntax, pixelTag },
    bigEndian: syntax === BIG_ENDIAN,
    layout: readLayout(dataSet, where),
  };
}

function readLayout(dataSet: DataSet, where: string): PixelLayout {
  const need = (tag: string, what: string): number => {
    const value = dataSet.uint16(tag);
    if (value === undefined) throw new RangeError(`${where}: DICOM file does not say its ${what}.`);
    return value;
  };
  const bitsAllocated = need('x00280100', 'bits per pixel');
  const bitsStored = dataSet.uint16('x00280101') ?? bitsAllocated;
  const layout: PixelLayout = {
    rows: need('x00280010', 'rows'),
    columns: need('x00280011', 'columns'),
    frames: dataSet.intString('x00280008') ?? 1,
    samples: dataSet.uint16('x00280002') ?? 1,
    photometric: dataSet.string('x00280004') ?? 'MONOCHROME2',
    bitsAllocated,
    bitsStored,
    highBit: dataSet.uint16('x00280102') ?? bitsStored - 1,
    signed: dataSet.uint16('x00280103') === 1,
    planar: dataSet.uint16('x00280006') === 1,
  };
  const { samples, frames, highBit } = layout;
  const whole =
    [1, 8, 16, 32, 64].includes(bitsAllocated) &&
    bitsStored >= 1 &&
    highBit < bitsAllocated &&
    bitsStored <= highBit + 1;
  if (!whole || (samples !== 1 && samples !== 3) || !(frames >= 1)) {
    throw new RangeError(
      `${where}: pixels of ${frames} frames with ${samples} samples of ${bitsStored} of ${bitsAllocated} bits, expected ` +
        'frames of 1 or 3 samples of 1, 8, 16 or 32 bits.',
    );
  }
  return layout;
}

/**
 * Where a tag of a frame stands: at the top, or in the functional groups of an enhanced file (PS3.3 C.7.6.16), those of
 * the frame before those that all frames share.
 */
export function frameTags(
  { dataSet }: Pick<DicomFile, 'dataSet'>,
  frame: number,
  group: string,
): DataSet {
  const itemOf = (from: DataSet | undefined, tag: string, i = 0) =>
    from?.elements[tag]?.items?.[i]?.dataSet;
  const own = itemOf(itemOf(dataSet, 'x52009230', frame), group);
  const shared = itemOf(itemOf(dataSet, 'x52009229'), group);
  return own ?? shared ?? dataSet;
}
