// JPEG photographs through jpeg-js: the same bytes in Node and in browsers, CMYK too, turned as EXIF says.

import { orient } from '../../image/orientation.ts';
import { reasonOf } from '../../text/reason.ts';
import { checkSize, type ImageFormat, type ResolvedOptions, startsWith } from './format.ts';
import { type JpegHeader, readJpegHeader, withoutMetadata } from './jpeg-segments.ts';

export const jpeg: ImageFormat = {
  name: 'JPEG',
  extensions: ['.jpg', '.jpeg', '.jpe', '.jfif'],
  recognises: (bytes) => startsWith(bytes, [0xff, 0xd8, 0xff]),
  async read(bytes, options) {
    const header = readJpegHeader(bytes, options.where);
    const image = await decodeJpeg(bytes, header, options);
    const notes = header.hasProfile
      ? ['Colour profiles (ICC) are left out: colours are taken as sRGB.']
      : [];
    return { images: [{ ...orient(image, header.orientation), window: BYTES }], notes };
  },
};

const BYTES = { black: 0, white: 255 };

/** Kinds of JPEG by the number of their SOF marker, as far as they are read. */
const PROCESSES = new Map([
  [0, 'baseline'],
  [1, 'extended'],
  [2, 'progressive'],
]);

/**
 * Decodes a baseline or progressive JPEG of 8 bits to grey or RGB, as it is stored (not turned).
 *
 * @param toRgb whether three components are YCbCr; default as the file says
 * @throws RangeError for another kind of JPEG, or a damaged, truncated or oversized one
 */
export async function decodeJpeg(
  bytes: Uint8Array,
  header: JpegHeader,
  options: Pick<ResolvedOptions, 'where' | 'maxPixels' | 'maxBytes'>,
  toRgb = isYcc(header),
): Promise<{ width: number; height: number; channels: 1 | 3; values: Uint8Array }> {
  const { process, precision, width, height, components } = header;
  const { where } = options;
  if (!PROCESSES.has(process) || precision !== 8 || ![1, 3, 4].includes(components)) {
    throw new RangeError(
      `${where}: ${describe(header)}, expected a baseline or progressive JPEG of 8 bits with 1, 3 or 4 components. ` +
        'Save it as an ordinary JPEG or as PNG.',
    );
  }
  if (components === 4 && header.adobe === undefined) {
    throw new RangeError(
      `${where}: CMYK without an Adobe marker, which says whether inks are stored inverted. Save it as RGB.`,
    );
  }
  checkSize(header, options, 3);
  const plain = withoutMetadata(bytes, header, components === 4 ? header.adobe : undefined);
  const { default: decoder } = await import('jpeg-js');
  let rgb: Uint8Array;
  try {
    rgb = decoder.decode(plain, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      colorTransform: toRgb,
      maxResolutionInMP: Math.ceil((width * height) / 1e6),
      // What it takes for coefficients and lines of three or four components, with room.
      maxMemoryUsageInMB: 64 + Math.ceil((width * height * components * 16) / 1e6),
    }).data;
  } catch (error) {
    throw new RangeError(`${where}: JPEG is truncated or damaged${reasonOf(error)}.`);
  }
  if (components > 1) return { width, height, channels: 3, values: rgb };
  const grey = new Uint8Array(width * height);
  for (let p = 0; p < grey.length; p++) grey[p] = rgb[p * 3];
  return { width, height, channels: 1, values: grey };
}

/** Whether three components are YCbCr: the Adobe marker says so, else their names, else they are. */
function isYcc({ adobe, jfif, namedRgb }: JpegHeader): boolean {
  if (adobe !== undefined) return adobe !== 0;
  return jfif || !namedRgb;
}

function describe({ process, precision, components }: JpegHeader): string {
  const kind =
    PROCESSES.get(process) ??
    (process === 3
      ? 'lossless'
      : process === 55
        ? 'JPEG-LS'
        : process > 8
          ? 'arithmetic'
          : 'other');
  return `got a JPEG of the kind ${kind} with ${components} components of ${precision} bits`;
}

/** Whether three components of a JPEG in a DICOM file are RGB: the stream itself knows better than the tag. */
export const dicomJpegIsRgb = (header: JpegHeader, photometric: string): boolean =>
  header.adobe !== undefined || header.jfif || header.namedRgb
    ? !isYcc(header)
    : photometric === 'RGB';
