// GFSR's own safetensors files: a kind and a JSON value in the header, both checked when a file is read.

import * as v from 'valibot';
import {
  decodeSafetensors,
  safetensorsParts,
  tensorBytes,
  type WritableTensor,
} from '../../model/safetensors.ts';
import type { StateDict } from '../../model/weights.ts';
import { crc32 } from '../files/crc32.ts';
import { joinBytes } from '../files/join-bytes.ts';
import { checkDepth } from '../text/json.ts';
import { cut, quoted } from '../text/visible.ts';

export interface TensorFile<T> {
  readonly tensors: StateDict;
  /** JSON, except that NaN and infinities survive. */
  readonly value: T;
  /** The run or comparison, and the part of it, that the file belongs to. */
  readonly owner?: string;
}

/** A tensor file to write, whose tensors need not be in memory. */
export interface WritableFile extends Omit<TensorFile<unknown>, 'tensors'> {
  readonly tensors: ReadonlyMap<string, WritableTensor>;
}

/** The same tensors and value always give the same bytes. */
export const encodeTensorFile = (kind: string, file: WritableFile): Uint8Array =>
  joinBytes([...tensorFileParts(kind, file)]);

/** The same bytes in parts. */
export function tensorFileParts(
  kind: string,
  { tensors, value, owner }: WritableFile,
): Generator<Uint8Array> {
  const text = JSON.stringify(value, nameNonFinite);
  const metadata = { format: kind, [kind]: text, ...(owner !== undefined && { owner }) };
  return safetensorsParts(tensors, { ...metadata, [CHECKSUM]: checksum(tensors, metadata) });
}

/**
 * Reads a file that `encodeTensorFile` wrote.
 *
 * @param owner that the file must have; without it, files from before there were owners and checksums are read too
 * @throws RangeError naming `where` for a damaged file, or one of another kind or owner
 */
export function decodeTensorFile<const S extends v.GenericSchema>(
  kind: string,
  bytes: Uint8Array,
  schema: S,
  where: string,
  owner?: string,
): TensorFile<v.InferOutput<S>> {
  const { tensors, metadata } = decode(bytes, where);
  const text = Object.hasOwn(metadata, kind) ? metadata[kind] : undefined;
  if (text === undefined) {
    throw new RangeError(
      `${where}: is ${metadata.format === undefined ? 'a file of another program' : quoted(metadata.format)}, expected ${kind}.`,
    );
  }
  if (owner !== undefined && metadata.owner !== owner) {
    throw new RangeError(
      `${where}: belongs to ${metadata.owner ?? 'no run'}, expected ${owner}. It was put here from elsewhere: delete it to have it computed again.`,
    );
  }
  const result = v.safeParse(schema, parse(text, where));
  if (!result.success) {
    const [issue] = result.issues;
    throw new RangeError(
      `${where}: ${kind}: ${v.getDotPath(issue) ?? 'value'} is ${cut(issue.received, 120)}, expected ${issue.expected}. The file is damaged or of another version.`,
    );
  }
  const state: StateDict = new Map();
  for (const [name, { shape, data, dtype }] of tensors) {
    if (!(data instanceof Float32Array)) {
      throw new RangeError(`${where}: tensor ${quoted(name)} is ${dtype}, expected F32.`);
    }
    state.set(name, { shape, data });
  }
  const { [CHECKSUM]: written, ...rest } = metadata;
  if ((owner !== undefined || written !== undefined) && checksum(state, rest) !== written) {
    throw new RangeError(
      `${where}: its content does not have the checksum that was written with it. The file is damaged: delete it to have it computed again, or take it from a backup.`,
    );
  }
  return { tensors: state, value: result.output };
}

/** A number as stored in our files. NaN and infinities are allowed, because a diverged run has them. */
export const anyNumber = v.custom<number>((value) => typeof value === 'number', 'a number');
/** 0, 1, 2, … */
export const wholeNumber = v.pipe(v.number(), v.integer(), v.minValue(0));

const CHECKSUM = 'crc32';

/** CRC-32 over metadata, names, shapes and bytes of all tensors, whatever their order. */
function checksum(
  tensors: WritableFile['tensors'],
  metadata: Readonly<Record<string, string>>,
): string {
  const sorted = <T>(entries: Iterable<readonly [string, T]>) =>
    [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  const shapes = sorted(tensors).map(([name, { shape }]) => [name, shape]);
  const header = JSON.stringify([sorted(Object.entries(metadata)), shapes]);
  let crc = crc32(new TextEncoder().encode(header));
  for (const [, tensor] of sorted(tensors)) {
    for (const part of tensorBytes(tensor)) crc = crc32(part, crc);
  }
  return crc.toString(16).padStart(8, '0');
}

function decode(bytes: Uint8Array, where: string) {
  try {
    return decodeSafetensors(bytes);
  } catch (error) {
    throw new RangeError(`${where}: ${(error as Error).message}`);
  }
}

function parse(text: string, where: string): unknown {
  checkDepth(text, where);
  try {
    return JSON.parse(text, (_, value) => NON_FINITE.get(value) ?? value);
  } catch (error) {
    throw new RangeError(`${where}: damaged header (${(error as Error).message}).`);
  }
}

/** JSON cannot represent these numbers, so they are stored as strings. */
const NON_FINITE: ReadonlyMap<unknown, number> = new Map([
  ['\0NaN', Number.NaN],
  ['\0Infinity', Number.POSITIVE_INFINITY],
  ['\0-Infinity', Number.NEGATIVE_INFINITY],
]);

function nameNonFinite(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? `\0${value}` : value;
}
