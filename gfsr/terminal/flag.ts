// A flag of a command as plain data: the values it accepts, its default and its help.

import type { OptionalDefault, Setting, ValueOf } from '../../model/setting.ts';
import { checkValue } from '../config/check-value.ts';

/** A setting whose default may be missing, with its presentation in the help. */
export type Flag = OptionalDefault<Setting> & {
  /** Placeholder for the value in the help: "folder". By default it depends on the kind. */
  readonly value?: string;
  /** What the help shows if there is no single default value: "runs/<data>". */
  readonly usual?: string;
};

/** Several flags that together make one value, such as the settings of a run. */
export interface FlagGroup<Value> {
  /** The flags by name, without dashes, under the headings of the help. */
  readonly headings: Readonly<Record<string, Readonly<Record<string, Flag>>>>;
  /** Makes the value from the flags that were given. */
  readonly collect: (given: ReadonlyMap<string, unknown>) => Value;
}

/** Flags and groups by the names of their values. Flags are typed in kebab case. */
export type Flags = Readonly<Record<string, Flag | FlagGroup<unknown>>>;

/** The values that a command receives. A flag without a default may be undefined, unless it is boolean. */
export type FlagValues<F extends Flags> = {
  readonly [Name in keyof F]: F[Name] extends FlagGroup<infer Value>
    ? Value
    : F[Name] extends Flag
      ? F[Name] extends { readonly kind: 'boolean' } | { readonly default: unknown }
        ? ValueOf<F[Name]>
        : ValueOf<F[Name]> | undefined
      : never;
};

/** A flag as it is typed. */
export interface NamedFlag {
  /** Without dashes. */
  readonly name: string;
  readonly flag: Flag;
  /** The heading above it in the help. */
  readonly heading: string;
}

export const isGroup = (entry: Flag | FlagGroup<unknown>): entry is FlagGroup<unknown> =>
  'headings' in entry;

/** All flags, including those of groups, in the order of the help. */
export function namedFlags(flags: Flags): NamedFlag[] {
  return Object.entries(flags).flatMap(([key, entry]) => {
    if (!isGroup(entry)) return [{ name: kebabCase(key), flag: entry, heading: 'Flags' }];
    return Object.entries(entry.headings).flatMap(([heading, below]) =>
      Object.entries(below).map(([name, flag]) => ({ name, flag, heading })),
    );
  });
}

/**
 * Reads the text that was typed after a flag.
 *
 * @throws RangeError if the flag does not accept it
 */
export function readFlag({ name, flag }: NamedFlag, text: string): unknown {
  const value = fromText(flag, text);
  checkValue(`--${name}`, flag, value);
  return value;
}

function fromText({ kind }: Flag, text: string): unknown {
  if (kind === 'integers') return text.split(',').map(toNumber);
  return kind === 'integer' || kind === 'number' ? toNumber(text) : text;
}

/** A number; or the text itself if it is not a number, so that the error can show it. */
function toNumber(text: string): number | string {
  const value = Number(text);
  return text.trim() === '' || Number.isNaN(value) ? text : value;
}

export const kebabCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
