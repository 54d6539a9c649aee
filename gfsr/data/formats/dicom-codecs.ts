// Decompresses one frame of a DICOM file: each transfer syntax with its codec, which is loaded when it is first needed.

import { reasonOf } from '../../text/reason.ts';
import type { PixelLayout } from './dicom-file.ts';
import { decodeRle } from './dicom-rle.ts';
import type { PixelValues, ResolvedOptions } from './format.ts';
import { decodeJpeg, dicomJpegIsRgb } from './jpeg.ts';
import { readJpegHeader } from './jpeg-segments.ts';

interface Decoded {
  /** [rows, columns, samples]. */
  readonly values: PixelValues;
  /** The codec has turned the colours into RGB. */
  readonly isRgb?: boolean;
}

type Decode = (
  bytes: Uint8Array,
  layout: PixelLayout,
  options: ResolvedOptions,
) => Promise<Decoded> | Decoded;

const NATIVE = [
  '',
  '1.2.840.10008.1.2',
  '1.2.840.10008.1.2.1',
  '1.2.840.10008.1.2.2',
  '1.2.840.10008.1.2.1.99',
];

const CODECS = new Map<string, Decode>([
  ['1.2.840.10008.1.2.4.50', jpegBaseline],
  ['1.2.840.10008.1.2.4.51', jpegBaseline],
  ['1.2.840.10008.1.2.4.57', jpegLossless],
  ['1.2.840.10008.1.2.4.70', jpegLossless],
  ['1.2.840.10008.1.2.4.80', jpegLs],
  ['1.2.840.10008.1.2.4.81', jpegLs],
  ['1.2.840.10008.1.2.4.90', jpeg2000],
  ['1.2.840.10008.1.2.4.91', jpeg2000],
  [
    '1.2.840.10008.1.2.5',
    (bytes, layout, { where }) => ({ values: decodeRle(bytes, layout, where) }),
  ],
]);

/** Names of syntaxes that are met, and refused. */
const REFUSED: readonly (readonly [string, string])[] = [
  ['1.2.840.10008.1.2.4.10', 'MPEG video'],
  ['1.2.840.10008.1.2.4.20', 'high-throughput JPEG 2000'],
  ['1.2.840.10008.1.2.4.9', 'multi-component JPEG 2000'],
];

/** Whether pixels of a transfer syntax stand in the file as they are. */
export const isNative = (syntax: string): boolean => NATIVE.includes(syntax);

/**
 * Decompresses one frame.
 *
 * @throws RangeError for a transfer syntax that is not read, or damaged data
 */
export async function decodeFrame(
  bytes: Uint8Array,
  syntax: string,
  layout: PixelLayout,
  options: ResolvedOptions,
): Promise<Decoded> {
  const decode = CODECS.get(syntax);
  if (!decode) {
    const name = REFUSED.find(([uid]) => syntax.startsWith(uid))?.[1] ?? 'another compression';
    throw new RangeError(
      `${options.where}: pixels compressed as ${name} (${syntax}), expected uncompressed, RLE, JPEG, JPEG-LS or JPEG 2000. ` +
        'Decompress the file, for example with dcmdjpeg or gdcmconv --raw.',
    );
  }
  const { rows, columns, samples } = layout;
  const frame = await decode(bytes, layout, options);
  if (frame.values.length !== rows * columns * samples) {
    throw damaged(options.where, `${frame.values.length} values`, layout);
  }
  return frame;
}

const damaged = (where: string, got: string, { rows, columns, samples }: PixelLayout): RangeError =>
  new RangeError(
    `${where}: compressed pixels are damaged, got ${got}, expected ${columns} × ${rows} with ${samples} samples.`,
  );

/** Checks what a stream with JPEG markers says of its size before any of it is decoded. */
function checkedHeader(bytes: Uint8Array, layout: PixelLayout, where: string) {
  const header = readJpegHeader(bytes, where);
  const { width, height, components } = header;
  if (width !== layout.columns || height !== layout.rows || components !== layout.samples) {
    throw damaged(where, `${width} × ${height} with ${components} samples`, layout);
  }
  return header;
}

async function jpegBaseline(bytes: Uint8Array, layout: PixelLayout, options: ResolvedOptions) {
  const header = checkedHeader(bytes, layout, options.where);
  const isRgb = dicomJpegIsRgb(header, layout.photometric);
  const { values } = await decodeJpeg(bytes, header, options, !isRgb);
  return { values, isRgb: layout.samples === 3 };
}

async function jpegLossless(bytes: Uint8Array, layout: PixelLayout, { where }: ResolvedOptions) {
  const { process, precision } = checkedHeader(bytes, layout, where);
  if (process !== 3 || (layout.samples === 3 && precision > 8)) {
    throw new RangeError(
      `${where}: JPEG of kind ${process} with ${layout.samples} samples of ${precision} bits, expected a lossless one ` +
        'of grey, or of colours with 8 bits.',
    );
  }
  const { default: jpeg } = await import('jpeg-lossless-decoder-js');
  const { buffer } = new Uint8Array(bytes);
  try {
    return { values: new jpeg.lossless.Decoder().decode(buffer, 0, bytes.length) };
  } catch (error) {
    throw new RangeError(`${where}: lossless JPEG is truncated or damaged${reasonOf(error)}.`);
  }
}

async function jpegLs(bytes: Uint8Array, layout: PixelLayout, { where }: ResolvedOptions) {
  checkedHeader(bytes, layout, where);
  const { values, info } = await runCodec('charls', bytes, layout, where);
  const planes = layout.samples === 3 && info.interleaveMode === 0;
  return { values: planes ? byPixel(values) : values };
}

async function jpeg2000(bytes: Uint8Array, layout: PixelLayout, { where }: ResolvedOptions) {
  checkCodestream(bytes, layout, where);
  const { values } = await runCodec('openjpeg', bytes, layout, where);
  // The codec has undone the transforms that JPEG 2000 knows itself.
  return { values, isRgb: ['YBR_ICT', 'YBR_RCT'].includes(layout.photometric) };
}

/** How each codec is loaded; it would print to the console. */
const LOADERS: Readonly<Record<'charls' | 'openjpeg', () => Promise<new () => Codec>>> = {
  async charls() {
    const { default: load } = await import('@cornerstonejs/codec-charls/decode');
    return (await load({ print() {}, printErr() {} })).JpegLSDecoder;
  },
  async openjpeg() {
    const { default: load } = await import('@cornerstonejs/codec-openjpeg/decode');
    return (await load({ print() {}, printErr() {} })).J2KDecoder;
  },
};

/** Codecs that have been loaded: each has a memory of its own, so one of a kind is enough. */
const loaded = new Map<string, Promise<new () => Codec>>();

/** Runs a codec and takes its result as 8- or 16-bit numbers. */
async function runCodec(
  name: keyof typeof LOADERS,
  bytes: Uint8Array,
  layout: PixelLayout,
  where: string,
) {
  const loading = loaded.get(name) ?? LOADERS[name]();
  loaded.set(name, loading);
  const codec = new (await loading)();
  try {
    codec.getEncodedBuffer(bytes.length).set(bytes);
    codec.decode();
  } catch {
    // What is thrown is an address in the memory of the codec, which nobody vouches for after that.
    loaded.delete(name);
    throw damaged(where, 'nothing', layout);
  }
  const { width, height, bitsPerSample, componentCount, isSigned } = codec.getFrameInfo();
  const { columns, rows, samples } = layout;
  if (width !== columns || height !== rows || componentCount !== samples || bitsPerSample > 16) {
    const got = `${width} × ${height} with ${componentCount} samples of ${bitsPerSample} bits`;
    throw damaged(where, got, layout);
  }
  const { buffer } = new Uint8Array(codec.getDecodedBuffer());
  const info = { interleaveMode: codec.getInterleaveMode?.() };
  codec.delete();
  const Values =
    bitsPerSample <= 8 ? (isSigned ? Int8Array : Uint8Array) : isSigned ? Int16Array : Uint16Array;
  const values = new Values(buffer);
  return { values: values instanceof Int8Array ? Int16Array.from(values) : values, info };
}

/** R…G…B… to RGBRGB…. */
function byPixel<A extends PixelValues>(values: A): A {
  const out = values.slice() as A;
  const area = values.length / 3;
  for (let p = 0; p < area; p++) {
    for (let c = 0; c < 3; c++) out[p * 3 + c] = values[c * area + p];
  }
  return out;
}

/** Checks the SIZ segment of a JPEG 2000 codestream, bare or in a JP2 box, before any of it is decoded. */
function checkCodestream(bytes: Uint8Array, layout: PixelLayout, where: string): void {
  const at = bytes.findIndex((_, i) =>
    [0xff, 0x4f, 0xff, 0x51].every((b, j) => bytes[i + j] === b),
  );
  if (at < 0 || at + 42 > bytes.length) throw damaged(where, 'no JPEG 2000 stream', layout);
  const view = new DataView(bytes.buffer, bytes.byteOffset + at + 6, 36);
  const [right, bottom, left, top] = [2, 6, 10, 14].map((offset) => view.getUint32(offset));
  const components = view.getUint16(34);
  const [width, height] = [right - left, bottom - top];
  if (width !== layout.columns || height !== layout.rows || components !== layout.samples) {
    throw damaged(where, `${width} × ${height} with ${components} samples`, layout);
  }
}
