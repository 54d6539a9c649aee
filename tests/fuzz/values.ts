// Changes to JSON: a field replaced, dropped, doubled, renamed, or given another type.

import type { Random } from '../../engine/core/random.ts';
import { type Mutation, pick } from './mutation.ts';

type Holder = Record<string | number, unknown>;

/** Values of every kind, and at the edges of each. */
const STRANGERS: readonly unknown[] = [
  ...[null, true, false, 0, -1, 0.5, 1e308, -1e308, 5e-324, 2 ** 31, 2 ** 53, 1e9, 20_000],
  ...['', ' ', 'x', '-1', '1e9', 'NaN', '__proto__', 'constructor', '../../x', '/dev/zero'],
  ...['=1+1', '<script>', '\u202e', '\u0000', '\u001b[2J', '\ud800', 'a'.repeat(20_000)],
  ...[[], {}, [[]], [null], { x: 1 }, [1, 2, 3], new Array(2000).fill(0)],
];

/** Another number in the place of one. */
function nudged(value: number, random: Random): number {
  const others = [-value, value + 1, value - 1, value + 0.5, value * 1e9, value / 1e9, 0];
  return pick(others, random);
}

/** A random way from the root: its holder and the key in it; undefined if the root holds nothing. */
function placeIn(root: unknown, random: Random): { holder: Holder; key: string } | undefined {
  let place: { holder: Holder; key: string } | undefined;
  let value = root;
  while (typeof value === 'object' && value !== null) {
    const keys = Object.keys(value);
    if (keys.length === 0 || (place && random.int(4) === 0)) break;
    place = { holder: value as Holder, key: pick(keys, random) };
    value = place.holder[place.key];
  }
  return place;
}

function drop({ holder, key }: { holder: Holder; key: string }): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

/** Once more: beside itself in a list, under another name in an object. */
function double({ holder, key }: { holder: Holder; key: string }, random: Random): void {
  const value = holder[key];
  const times = pick([1, 2, 300], random);
  if (Array.isArray(holder)) holder.splice(Number(key), 0, ...new Array(times).fill(value));
  else holder[`${key}${random.int(3)}`] = value;
}

function rename({ holder, key }: { holder: Holder; key: string }, random: Random): void {
  const value = holder[key];
  drop({ holder, key });
  const name = pick([key.slice(1), `${key}s`, key.toUpperCase(), '__proto__', ''], random);
  Object.defineProperty(holder, Array.isArray(holder) ? holder.length : name, {
    ...{ value, enumerable: true, configurable: true, writable: true },
  });
}

/** Changes one value inside `root`, in place; the root itself if it holds nothing. */
export function mutateValue(root: unknown, random: Random): unknown {
  const place = placeIn(root, random);
  if (!place || random.int(100) === 0) return pick(STRANGERS, random);
  const { holder, key } = place;
  const value = holder[key];
  const change = random.int(6);
  if (change === 0) drop(place);
  else if (change === 1) double(place, random);
  else if (change === 2) rename(place, random);
  else if (change === 3) {
    // What stands elsewhere in the file.
    const other = placeIn(root, random);
    holder[key] = other && structuredClone(other.holder[other.key]);
  } else if (change === 4 && typeof value === 'number') holder[key] = nudged(value, random);
  else holder[key] = structuredClone(pick(STRANGERS, random));
  return root;
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
export const bytesOf = (content: string): Uint8Array => new TextEncoder().encode(content);

/** A JSON file with another value in it. */
export const mutateJson: Mutation = (bytes, random) => {
  try {
    return bytesOf(JSON.stringify(mutateValue(JSON.parse(text(bytes)), random)) ?? '');
  } catch {
    return undefined;
  }
};

/** Brackets without end, where a value stood. */
export const nestJson: Mutation = (bytes, random) => {
  const content = text(bytes);
  const [open, close] = pick(
    [
      ['[', ']'],
      ['{"a":', '}'],
      ['[', ''],
    ] as const,
    random,
  );
  const depth = pick([50, 101, 5000, 100_000], random);
  const at = content.search(/[:,[]/) + 1 + random.int(Math.max(1, content.length));
  const next = content.slice(at).search(/[:,[]/);
  const from = next < 0 ? content.length : at + next + 1;
  return bytesOf(
    content.slice(0, from) + open.repeat(depth) + close.repeat(depth) + content.slice(from),
  );
};

export const JSON_MUTATIONS: readonly Mutation[] = [
  ...[mutateJson, mutateJson, mutateJson, mutateJson, mutateJson, nestJson],
];
