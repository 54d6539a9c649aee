// Writes TensorBoard event files: scalars and pictures by step, each record with its checksums.

import { crc32c } from '../../files/crc32.ts';
import { joinBytes } from '../../files/join-bytes.ts';
import { encodeMessage, type Field } from './protobuf.ts';

/** A PNG picture. */
export interface EventPicture {
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** What is known after a step. */
export interface StepEvents {
  readonly step: number;
  /** Seconds since training began: the time axis. */
  readonly seconds: number;
  readonly scalars?: Readonly<Record<string, number>>;
  readonly pictures?: Readonly<Record<string, EventPicture>>;
}

/** Fields of `tensorflow.Event`, and of the messages in it. */
const EVENT = { time: 1, step: 2, version: 3, summary: 5 };
const VALUE = { tag: 1, scalar: 2, image: 4 };
const IMAGE = { height: 1, width: 2, colours: 3, png: 4 };
const RGB = 3;

/**
 * The bytes of an event file: TFRecords [length, its checksum, event, its checksum], the first of which names the
 * version of the format.
 */
export const encodeEvents = (steps: readonly StepEvents[]): Uint8Array =>
  joinBytes([
    record([
      [EVENT.time, { double: 0 }],
      [EVENT.version, 'brain.Event:2'],
    ]),
    ...steps.map(({ step, seconds, scalars = {}, pictures = {} }) =>
      record([
        [EVENT.time, { double: seconds }],
        [EVENT.step, step],
        [EVENT.summary, { message: [[1, { repeated: valuesOf(scalars, pictures) }]] }],
      ]),
    ),
  ]);

function valuesOf(
  scalars: NonNullable<StepEvents['scalars']>,
  pictures: NonNullable<StepEvents['pictures']>,
) {
  const value = (...fields: readonly Field[]) => ({ message: fields });
  return [
    ...Object.entries(scalars).map(([tag, scalar]) =>
      value([VALUE.tag, tag], [VALUE.scalar, { float: scalar }]),
    ),
    ...Object.entries(pictures).map(([tag, { png, width, height }]) => {
      const image: Field[] = [
        [IMAGE.height, height],
        [IMAGE.width, width],
        [IMAGE.colours, RGB],
        [IMAGE.png, png],
      ];
      return value([VALUE.tag, tag], [VALUE.image, { message: image }]);
    }),
  ];
}

function record(fields: readonly Field[]): Uint8Array {
  const event = encodeMessage(fields);
  const out = new Uint8Array(event.length + 16);
  const view = new DataView(out.buffer);
  view.setBigUint64(0, BigInt(event.length), true);
  view.setUint32(8, masked(crc32c(out.subarray(0, 8))), true);
  out.set(event, 12);
  view.setUint32(12 + event.length, masked(crc32c(event)), true);
  return out;
}

/** TFRecord stores checksums rotated and shifted, because a checksum of data with its checksum in it says little. */
const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
