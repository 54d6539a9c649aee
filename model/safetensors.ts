// Reads and writes weights in the safetensors format. Safe against hostile files.

/** A tensor as stored in a file. */
export interface SafeTensor {
  shape: number[];
  /** F16, BF16 and F64 are read as float32; I64 as bigint; U8 and BOOL as bytes. */
  data: Float32Array | Int32Array | BigInt64Array | Uint8Array;
  /** Type in the file, such as "F32". */
  dtype: string;
}

/** Values of a part of a tensor that is not in memory. */
const PART = 2 ** 18;
const MAX_HEADER_BYTES = 100_000_000;
const METADATA = '__metadata__';

interface Dtype {
  bytes: number;
  /** Values from the bytes of one tensor, which begin at offset 0 of a buffer of their own. */
  read(buffer: ArrayBuffer): SafeTensor['data'];
}

const DTYPES = new Map<string, Dtype>([
  ['F64', { bytes: 8, read: (buffer) => Float32Array.from(new Float64Array(buffer)) }],
  ['F32', { bytes: 4, read: (buffer) => new Float32Array(buffer) }],
  ['F16', { bytes: 2, read: (buffer) => Float32Array.from(new Uint16Array(buffer), halfToFloat) }],
  ['BF16', { bytes: 2, read: bfloatToFloat }],
  ['I64', { bytes: 8, read: (buffer) => new BigInt64Array(buffer) }],
  ['I32', { bytes: 4, read: (buffer) => new Int32Array(buffer) }],
  ['U8', { bytes: 1, read: (buffer) => new Uint8Array(buffer) }],
  ['BOOL', { bytes: 1, read: (buffer) => new Uint8Array(buffer) }],
]);

/** A float32 tensor to write. Its values, row by row, need not be in memory. */
export interface WritableTensor {
  readonly shape: readonly number[];
  readonly data: {
    readonly length: number;
    subarray(start: number, end: number): Float32Array;
  };
}

/**
 * Writes float32 tensors. The same tensors always give the same bytes: names are sorted, and the header is padded
 * with spaces so that data begins at a multiple of 8 bytes.
 *
 * @throws RangeError if a shape and its data do not agree, or a tensor is named "__metadata__" or "__proto__"
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, WritableTensor>,
  metadata: Record<string, string> = {},
): Uint8Array {
  const parts = [...safetensorsParts(tensors, metadata)];
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The bytes of a tensor from the first value to the last, in parts. */
export function* tensorBytes({ shape, data }: WritableTensor): Generator<Uint8Array> {
  const row = elements(shape.slice(1), 'tensorBytes');
  const step = data instanceof Float32Array ? data.length : Math.ceil(PART / row) * row;
  for (let start = 0; start < data.length; start += step) {
    const part = data.subarray(start, Math.min(data.length, start + step));
    yield new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
  }
}

/** The same bytes in parts. What is not in memory is read part by part. */
export function* safetensorsParts(
  tensors: ReadonlyMap<string, WritableTensor>,
  metadata: Record<string, string> = {},
): Generator<Uint8Array> {
  const fields: string[] = [];
  const pairs = Object.entries(metadata).sort(byName);
  for (const [key, value] of pairs) {
    if (typeof value !== 'string') {
      throw new TypeError(
        `encodeSafetensors: metadata "${key}", got ${typeof value}, expected a string.`,
      );
    }
  }
  if (pairs.length > 0) fields.push(`"${METADATA}":${JSON.stringify(Object.fromEntries(pairs))}`);
  const sorted = [...tensors].sort(byName);
  let offset = 0;
  for (const [name, { shape, data }] of sorted) {
    if (name === METADATA || name === '__proto__') {
      throw new RangeError(`encodeSafetensors: a tensor may not be named "${name}".`);
    }
    if (elements(shape, `encodeSafetensors: tensor "${name}"`) !== data.length) {
      throw new RangeError(
        `encodeSafetensors: tensor "${name}" has ${data.length} values, got shape [${shape.join(', ')}].`,
      );
    }
    const end = offset + Float32Array.BYTES_PER_ELEMENT * data.length;
    const entry = { dtype: 'F32', shape, data_offsets: [offset, end] };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    offset = end;
  }
  const text = new TextEncoder().encode(`{${fields.join(',')}}`);
  const headerLength = Math.ceil(text.length / 8) * 8;
  const header = new Uint8Array(8 + headerLength);
  new DataView(header.buffer).setBigUint64(0, BigInt(headerLength), true);
  header.fill(0x20, 8).set(text, 8);
  yield header;
  for (const [, tensor] of sorted) yield* tensorBytes(tensor);
}

/**
 * Reads every tensor of a safetensors file. Data is copied out of `bytes`.
 *
 * @throws RangeError for a damaged, truncated or hostile file, or an unsupported element type
 */
export function decodeSafetensors(bytes: Uint8Array): {
  tensors: Map<string, SafeTensor>;
  metadata: Record<string, string>;
} {
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(
      'decodeSafetensors: bytes is no Uint8Array. Of an ArrayBuffer, take new Uint8Array(buffer).',
    );
  }
  const { header, start } = readHeader(bytes);
  const { [METADATA]: rawMetadata = {}, ...rest } = header;
  const metadata = readMetadata(rawMetadata);
  const end = bytes.length - start;
  const entries = Object.entries(rest).map(([name, entry]) => readEntry(name, entry, end));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== covered) {
      const what = begin < covered ? 'overlaps the one before it' : 'leaves a gap before it';
      throw bad(`tensor "${name}" ${what}, got offset ${begin}, expected ${covered}`);
    }
    covered = end;
  }
  if (covered !== end) {
    throw bad(`tensors cover ${covered} bytes, expected ${end}. The file is truncated or damaged`);
  }
  const tensors = new Map<string, SafeTensor>();
  for (const { name, dtype, shape, begin, end, type } of entries) {
    // A copy has its own buffer, aligned for any type. Not slice(): for a Node Buffer that is a view.
    const copy = new Uint8Array(bytes.subarray(start + begin, start + end)).buffer;
    tensors.set(name, { shape, dtype, data: type.read(copy) });
  }
  return { tensors, metadata };
}

function readHeader(bytes: Uint8Array): { header: Record<string, unknown>; start: number } {
  if (bytes.length < 10) throw bad(`got ${bytes.length} bytes, expected at least 10`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES || length > bytes.length - 8) {
    throw bad(
      `header of ${length} bytes, expected at most ${Math.min(MAX_HEADER_BYTES, bytes.length - 8)}. ` +
        'The file is truncated or of another kind',
    );
  }
  let text: string;
  let header: unknown;
  try {
    // A byte order mark is kept, and refused by JSON.
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    text = decoder.decode(bytes.subarray(8, 8 + length));
    header = JSON.parse(text);
  } catch (error) {
    throw bad(`header is not UTF-8 JSON (${(error as Error).message})`);
  }
  if (!text.startsWith('{') || !isRecord(header)) throw bad('header is not a JSON object');
  checkKeys(text);
  return { header, start: 8 + length };
}

function readEntry(name: string, entry: unknown, available: number) {
  const where = `tensor "${name}"`;
  if (!isRecord(entry)) throw bad(`${where} is not described by an object`);
  const { dtype, shape, data_offsets: offsets, ...unknown } = entry;
  const extra = Object.keys(unknown);
  if (extra.length > 0) throw bad(`${where} has the unknown key "${extra[0]}"`);
  const type = typeof dtype === 'string' ? DTYPES.get(dtype) : undefined;
  if (typeof dtype !== 'string' || !type) {
    throw bad(
      `${where} has element type ${JSON.stringify(dtype)}, expected one of ${[...DTYPES.keys()].join(' ')}`,
    );
  }
  const wholes = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every((value) => Number.isSafeInteger(value) && value >= 0);
  if (!wholes(shape)) throw bad(`${where} has shape ${JSON.stringify(shape)}`);
  if (!wholes(offsets) || offsets.length !== 2) {
    throw bad(`${where} has data_offsets ${JSON.stringify(offsets)}, expected [begin, end]`);
  }
  const [begin, end] = offsets;
  if (begin > end || end > available) {
    throw bad(`${where} lies at [${begin}, ${end}], expected within ${available} bytes`);
  }
  const size = elements(shape, `decodeSafetensors: ${where}`) * type.bytes;
  if (size !== end - begin) {
    throw bad(`${where} of ${dtype} [${shape.join(', ')}] takes ${size} bytes, got ${end - begin}`);
  }
  return { name, dtype, shape, begin, end, type };
}

function readMetadata(raw: unknown): Record<string, string> {
  if (!isRecord(raw)) throw bad(`${METADATA} is not an object`);
  for (const [key, value] of Object.entries(raw)) {
    if (typeof value !== 'string') throw bad(`${METADATA} "${key}" is not a string`);
  }
  return raw as Record<string, string>;
}

/** Number of values of a shape, refusing products that a double cannot hold exactly. */
function elements(shape: readonly number[], where: string): number {
  let product = 1;
  for (const length of shape) {
    product *= length;
    if (!Number.isSafeInteger(product * 8)) {
      throw new RangeError(`${where}: shape too large, got [${shape.join(', ')}].`);
    }
  }
  return product;
}

/**
 * Refuses a key that occurs twice in one object, where JSON.parse silently keeps the last one, and "__proto__".
 *
 * @param json text that JSON.parse has accepted
 */
function checkKeys(json: string): void {
  const open: Set<string>[] = [];
  for (const [token] of json.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"(?:\s*:)?|[{}]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (token.endsWith(':')) {
      const key: string = JSON.parse(token.slice(0, -1));
      const keys = open[open.length - 1];
      if (keys.has(key)) throw bad(`key "${key}" occurs twice`);
      if (key === '__proto__') throw bad('key "__proto__" is not allowed');
      keys.add(key);
    }
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function byName(a: [string, unknown], b: [string, unknown]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}

/** Names in a file may have any length. The beginning of a long message is enough. */
const LONGEST_MESSAGE = 400;

function bad(what: string): RangeError {
  const short = what.length > LONGEST_MESSAGE ? `${what.slice(0, LONGEST_MESSAGE)}…` : what;
  return new RangeError(`decodeSafetensors: ${short}.`);
}

/** IEEE 754 half precision. */
function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** bfloat16 is the upper half of a float32. */
function bfloatToFloat(buffer: ArrayBuffer): Float32Array {
  const halves = new Uint16Array(buffer);
  const words = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) words[i] = halves[i] << 16;
  return new Float32Array(words.buffer);
}
