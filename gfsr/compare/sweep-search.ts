// The candidates of a sweep: every combination of the listed values, or combinations drawn at random.

import { Random } from '../../engine/core/random.ts';
import type { ConfigChanges } from '../config/config.ts';
import { SETTINGS } from '../config/settings.ts';
import { grouped } from '../text/lines.ts';

/** Values of a setting between two bounds, for a random search. */
export interface Range {
  readonly from: number;
  readonly to: number;
  /** Draw the logarithm uniformly instead of the number. Default false. */
  readonly log: boolean;
}

/** What to try: for each setting, by its path, a list of values or a range. */
export type Space = Readonly<Record<string, readonly unknown[] | Range>>;

/** Every combination, or this many different ones, drawn by this seed. */
export type Search = 'grid' | { readonly random: number; readonly seed: number };

/** One combination: values by the paths of their settings. */
export type Candidate = Readonly<Record<string, unknown>>;

/** A random search stops looking for new combinations after this many draws for each wanted one. */
const DRAWS = 100;
/** Each candidate is trained, so more are a slip: ten lists of ten values would be ten thousand million. */
const MOST_CANDIDATES = 10_000;
/** Significant digits of a drawn number: more would only make labels longer. */
const DIGITS = 3;

const isRange = (values: readonly unknown[] | Range): values is Range => !Array.isArray(values);

/**
 * The candidates, each once. Where a candidate's loss is cross-entropy, settings that only guided training reads are
 * left out, so that it is tried once and not once for every λ.
 *
 * @param where begins the messages: the name of the file
 * @throws RangeError for a range in a grid, or for more candidates than anybody trains
 */
export function candidatesOf(space: Space, search: Search, where: string): Candidate[] {
  checkCount(space, search, where);
  const drawn = search === 'grid' ? combinations(space, where) : draws(space, search);
  const different = new Map<string, Candidate>();
  for (const candidate of drawn) {
    const read = withoutUnread(candidate);
    const label = labelOf(read);
    if (!different.has(label)) different.set(label, read);
    if (search !== 'grid' && different.size === search.random) break;
  }
  return [...different.values()];
}

/** `guidance.lambda 3 · train.lr 0.002`. */
export const labelOf = (candidate: Candidate): string =>
  Object.entries(candidate)
    .map(([path, value]) => `${path} ${Array.isArray(value) ? value.join(',') : value}`)
    .join(' · ');

/** The settings of a candidate, by room. */
export function settingsOf(candidate: Candidate): ConfigChanges {
  const rooms: Record<string, Record<string, unknown>> = {};
  for (const [path, value] of Object.entries(candidate)) {
    const [room, name] = path.split('.');
    rooms[room] = { ...rooms[room], [name]: value };
  }
  return rooms;
}

/** Before any is made. */
function checkCount(space: Space, search: Search, where: string): void {
  const lengths = Object.values(space).map((values) => (isRange(values) ? 1 : values.length));
  const count = search === 'grid' ? lengths.reduce((a, b) => a * b, 1) : search.random;
  if (count <= MOST_CANDIDATES) return;
  throw new RangeError(
    `${where}: got ${grouped(count)} candidates, expected at most ${grouped(MOST_CANDIDATES)}. List fewer values.`,
  );
}

function combinations(space: Space, where: string): Candidate[] {
  let found: Candidate[] = [{}];
  for (const [path, values] of Object.entries(space)) {
    if (isRange(values)) {
      throw new RangeError(
        `${where}: try: ${path} is a range, expected a list of values for a grid. List them, or search at random.`,
      );
    }
    found = found.flatMap((candidate) => values.map((value) => ({ ...candidate, [path]: value })));
  }
  return found;
}

function* draws(
  space: Space,
  { random: count, seed }: Exclude<Search, 'grid'>,
): Generator<Candidate> {
  const random = new Random(seed, 'sweep');
  for (let draw = 0; draw < DRAWS * count; draw++) {
    yield Object.fromEntries(
      Object.entries(space).map(([path, values]) => [
        path,
        isRange(values) ? drawFrom(values, path, random) : values[random.int(values.length)],
      ]),
    );
  }
}

function drawFrom({ from, to, log }: Range, path: string, random: Random): number {
  const u = random.uniform();
  const value = log ? from * (to / from) ** u : from + u * (to - from);
  const { declaration } = SETTINGS.find((setting) => setting.path === path) ?? {};
  return declaration?.kind === 'integer' ? Math.round(value) : Number(value.toPrecision(DIGITS));
}

function withoutUnread(candidate: Candidate): Candidate {
  if (candidate['guidance.loss'] !== 'cross-entropy') return candidate;
  const reaches = new Map(SETTINGS.map(({ path, declaration }) => [path, declaration.reach]));
  return Object.fromEntries(
    Object.entries(candidate).filter(
      ([path]) => path === 'guidance.loss' || reaches.get(path) === 'every arm',
    ),
  );
}
