// The table of image formats, and the one way in: bytes of any of them to images.

import { limitOf } from '../../files/limits.ts';
import { dicom } from './dicom.ts';
import type { ImageFile, ImageFormat, ReadOptions } from './format.ts';
import { jpeg } from './jpeg.ts';
import { nifti } from './nifti.ts';
import { numpy } from './numpy.ts';
import { png } from './png.ts';

/** Formats that are read. To add one: a file beside this, and its entry here. */
const IMAGE_FORMATS: readonly ImageFormat[] = [png, jpeg, dicom, numpy, nifti];

/** Beginnings of files that people have and that are not read, to be told what theirs is. */
const OTHER_KINDS: readonly (readonly [string, RegExp])[] = [
  ['a TIFF image', /^(II\*|MM.\*)/s],
  ['a GIF image', /^GIF8/],
  ['a BMP image', /^BM/],
  ['a WebP image', /^RIFF.{4}WEBP/s],
  ['a HEIC or AVIF image', /^.{4}ftyp(heic|heix|mif1|avif)/s],
  ['a JPEG 2000 image', /^.{4}jP {2}\r\n/s],
  ['a zip or .npz archive', /^PK/],
  ['a PDF document', /^%PDF/],
  ['a page of HTML', /^\s*<(!doctype )?html/i],
];

/** Whether a file of this name is one that is read. */
export const isImageName = (name: string): boolean =>
  IMAGE_FORMATS.some(({ extensions }) =>
    extensions.some((extension) => name.toLowerCase().endsWith(extension)),
  );

/**
 * Images of a file, with the depth that it has. The kind is told by the content; the name counts nothing.
 *
 * @param name of the file, for messages
 * @throws RangeError for a file of another kind, or one that is damaged, oversized or hostile
 */
export async function readImages(
  bytes: Uint8Array,
  name: string,
  options: ReadOptions = {},
): Promise<ImageFile & { format: string }> {
  const { where = name, maxPixels = limitOf('imagePixels') } = options;
  const { maxBytes = limitOf('dataBytes') } = options;
  const { background = 'black', axis = 'axial', slices } = options;
  const format = IMAGE_FORMATS.find((each) => each.recognises(bytes));
  if (!format) throw unknownKind(bytes, name, where);
  const resolved = { where, maxPixels, maxBytes, background, axis, slices };
  return { format: format.name, ...(await format.read(bytes, resolved)) };
}

function unknownKind(bytes: Uint8Array, name: string, where: string): RangeError {
  const start = String.fromCharCode(...bytes.subarray(0, 32));
  const kind = OTHER_KINDS.find(([, beginning]) => beginning.test(start))?.[0];
  const got = bytes.length === 0 ? 'an empty file' : (kind ?? 'a file of an unknown kind');
  const claimed = IMAGE_FORMATS.find(({ extensions }) =>
    extensions.some((extension) => name.toLowerCase().endsWith(extension)),
  );
  const hint = claimed ? ` It is named like ${claimed.name}, but does not begin like it.` : '';
  const known = IMAGE_FORMATS.map((each) => each.name).join(', ');
  return new RangeError(`${where}: got ${got}, expected one of ${known}.${hint}`);
}
