// A setting as plain data: the values it accepts, its default, and a line of help. Its type and its check follow from
// that.

interface Described {
  /** One line for a person, in lower case, without a full stop. */
  readonly help: string;
}

interface Range {
  /** Smallest value. */
  readonly least?: number;
  /** Largest value. */
  readonly most?: number;
  /** Exclusive lower bound. */
  readonly above?: number;
  /** Exclusive upper bound. */
  readonly below?: number;
}

/**
 * - `integer`, `number`: in a range
 * - `integers`: a list of 1 to `longest` of them, each in the range
 * - `boolean`
 * - `choice`: one of `choices`
 * - `choice or file`: the same, or the path of a file with one of the `extensions`
 * - `parts`: "none", or different `parts` joined by "-"
 * - `text`
 */
export type Setting = Described &
  (
    | ({ readonly kind: 'integer'; readonly default: number } & Range)
    | ({ readonly kind: 'number'; readonly default: number } & Range)
    | ({
        readonly kind: 'integers';
        readonly default: readonly number[];
        readonly longest: number;
      } & Range)
    | { readonly kind: 'boolean'; readonly default: boolean }
    | { readonly kind: 'choice'; readonly default: string; readonly choices: readonly string[] }
    | {
        readonly kind: 'choice or file';
        readonly default: string;
        readonly choices: readonly string[];
        readonly extensions: readonly string[];
      }
    | { readonly kind: 'parts'; readonly default: string; readonly parts: readonly string[] }
    | { readonly kind: 'text'; readonly default: string }
  );

/** Each member of a union without some of its keys. */
type OmitEach<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;

/** The values that a setting accepts, without its default and help. */
export type Kind = OmitEach<Setting, 'default' | 'help'>;

/** A setting whose default may be missing. */
export type OptionalDefault<S extends Setting> = S extends unknown
  ? Omit<S, 'default'> & { readonly default?: S['default'] }
  : never;

/** Settings by name. */
export type Settings = Readonly<Record<string, Setting>>;

/** The type of a setting's value. */
export type ValueOf<S extends Kind> = S extends { readonly kind: 'integer' | 'number' }
  ? number
  : S extends { readonly kind: 'integers' }
    ? readonly number[]
    : S extends { readonly kind: 'boolean' }
      ? boolean
      : S extends { readonly kind: 'choice'; readonly choices: readonly (infer Choice)[] }
        ? Choice
        : string;

/** The values of several settings, by their names. */
export type ValuesOf<S extends Settings> = { readonly [Name in keyof S]: ValueOf<S[Name]> };

/** The defaults of several settings. */
export const defaultsOf = <S extends Settings>(settings: S): ValuesOf<S> =>
  Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => [name, setting.default]),
  ) as ValuesOf<S>;

/**
 * The settings of several owners in one list. Owners may share a declaration, whose value is then for all of them.
 *
 * @param owners settings by owner
 * @param taken names that no setting may have
 * @throws RangeError if two owners declare a setting of the same name, each for itself
 */
export function mergeSettings(
  owners: Readonly<Record<string, Settings>>,
  taken: readonly string[] = [],
): Settings {
  const ownerOf = new Map(taken.map((name) => [name, 'every owner']));
  for (const [owner, settings] of Object.entries(owners)) {
    for (const [name, declaration] of Object.entries(settings)) {
      const other = ownerOf.get(name);
      if (other !== undefined && owners[other]?.[name] !== declaration) {
        throw new RangeError(
          `mergeSettings: ${name} is a setting of ${other} and of ${owner}, expected one owner. Rename it in ${owner}.`,
        );
      }
      ownerOf.set(name, owner);
    }
  }
  return Object.assign({}, ...Object.values(owners));
}

/** The values that a setting accepts, in words: "a whole number from 1 to 16". */
export function describeValues(setting: Kind): string {
  switch (setting.kind) {
    case 'integer':
      return `a whole number${describeRange(setting)}`;
    case 'number':
      return `a number${describeRange(setting)}`;
    case 'integers':
      return `1 to ${setting.longest} whole numbers${describeRange(setting)}`;
    case 'boolean':
      return 'true or false';
    case 'choice':
      return setting.choices.join(', ');
    case 'choice or file':
      return `${setting.choices.join(', ')}, or a file (${setting.extensions.join(', ')})`;
    case 'parts':
      return `none, or different ones of ${setting.parts.join(', ')}, joined by "-"`;
    case 'text':
      return 'a text';
  }
}

function describeRange({ least, most, above, below }: Range): string {
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`;
  const parts = [
    ...(least === undefined ? [] : [`of at least ${least}`]),
    ...(most === undefined ? [] : [`of at most ${most}`]),
    ...(above === undefined ? [] : [`above ${above}`]),
    ...(below === undefined ? [] : [`below ${below}`]),
  ];
  return parts.length > 0 ? ` ${parts.join(' and ')}` : '';
}

const isInRange = (
  value: number,
  { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY, above, below }: Range,
): boolean =>
  value >= least &&
  value <= most &&
  (above === undefined || value > above) &&
  (below === undefined || value < below);

/** Whether a setting accepts a value. */
export function isValue(setting: Kind, value: unknown): boolean {
  switch (setting.kind) {
    case 'integer':
      return Number.isSafeInteger(value) && isInRange(value as number, setting);
    case 'number':
      return Number.isFinite(value) && isInRange(value as number, setting);
    case 'integers':
      return (
        Array.isArray(value) &&
        value.length >= 1 &&
        value.length <= setting.longest &&
        value.every((each) => Number.isSafeInteger(each) && isInRange(each, setting))
      );
    case 'boolean':
      return typeof value === 'boolean';
    case 'choice':
      return setting.choices.includes(value as string);
    case 'choice or file':
      return (
        typeof value === 'string' &&
        (setting.choices.includes(value) || setting.extensions.some((end) => value.endsWith(end)))
      );
    case 'parts':
      return typeof value === 'string' && (value === 'none' || areParts(value, setting.parts));
    case 'text':
      return typeof value === 'string';
  }
}

const areParts = (text: string, known: readonly string[]): boolean =>
  text.split('-').every((part, i, all) => known.includes(part) && all.indexOf(part) === i);

/**
 * Fills in defaults and checks all values.
 *
 * @throws RangeError that begins with `where`, for an unknown name, or a value that a setting does not accept
 */
export function completeValues<S extends Settings>(
  settings: S,
  values: Readonly<Record<string, unknown>>,
  where: string,
): ValuesOf<S> {
  for (const [name, value] of Object.entries(values)) {
    if (!Object.hasOwn(settings, name)) {
      throw new RangeError(
        `${where}: unknown setting ${name}, expected ${Object.keys(settings).join(', ')}.`,
      );
    }
    if (!isValue(settings[name], value)) {
      throw new RangeError(
        `${where}: ${name} is ${JSON.stringify(value)}, expected ${describeValues(settings[name])}.`,
      );
    }
  }
  return { ...defaultsOf(settings), ...values } as ValuesOf<S>;
}
