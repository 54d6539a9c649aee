// The file that describes a comparison: shared settings, variants, seeds, annotation budgets, mask controls.

import * as v from 'valibot';
import { type Config, type ConfigChanges, withChanges } from '../config/config.ts';
import { LOSS_NAMES } from '../config/guidance.ts';
import { checkChanges, parseConfig } from '../config/parse.ts';
import { checkLimit } from '../files/limits.ts';
import { MASK_CONTROLS, type MaskControl } from '../masks/mask-controls.ts';
import { parseJson } from '../text/json.ts';
import { didYouMean } from '../text/suggestions.ts';
import { cut, quoted } from '../text/visible.ts';

/** Name of training without guidance, and the value of `loss` that requests it. */
const UNGUIDED = 'cross-entropy';

export interface Variant {
  readonly name: string;
  /** False for cross-entropy alone. */
  readonly guided: boolean;
  /** Its changes to the shared settings. */
  readonly settings: ConfigChanges;
  /** Shares of the training images that are annotated; undefined if annotations come from a file, or by default. */
  readonly fractions: readonly (number | undefined)[];
  readonly controls: readonly MaskControl[];
  readonly seeds: readonly number[];
}

export interface ComparisonSpec {
  /** For people; the name of the file if it has none. */
  readonly title: string;
  /** What a reader of the results must know, one sentence each. */
  readonly notes: readonly string[];
  readonly settings: ConfigChanges;
  readonly variants: readonly Variant[];
  readonly seeds: readonly number[];
  /** The row of the tables against which the others are tested; default: the first without guidance, or the first. */
  readonly reference?: string;
  /** Test images are left out when the data is read, and only validation images are measured. Default false. */
  readonly validationOnly?: boolean;
}

const list = <S extends v.GenericSchema>(item: S) =>
  v.pipe(
    v.array(item),
    v.minLength(1, 'at least one value'),
    v.check((items) => new Set(items).size === items.length, 'each value once'),
  );
const fractions = list(v.pipe(v.number(), v.gtValue(0), v.maxValue(1)));
const controls = list(v.picklist(MASK_CONTROLS));

/** By room. Values are checked separately. */
const settings = v.optional(v.record(v.string(), v.unknown()), {});
const seeds = list(v.pipe(v.number(), v.integer(), v.minValue(0)));

const specSchema = v.strictObject({
  title: v.optional(v.pipe(v.string(), v.trim(), v.minLength(1, 'some text'))),
  notes: v.optional(v.array(v.string()), []),
  settings,
  variants: v.pipe(
    v.array(v.union([v.string(), v.looseObject({ name: v.string() })])),
    v.minLength(1, 'at least one'),
  ),
  seeds,
  fractions: v.optional(fractions),
  controls: v.optional(controls),
  reference: v.optional(v.string()),
  quick: v.optional(v.strictObject({ settings, seeds })),
});
const variantSchema = v.looseObject({
  name: v.pipe(v.string(), v.trim(), v.minLength(1, 'some text')),
  fractions: v.optional(fractions),
  controls: v.optional(controls),
  seeds: v.optional(seeds),
});

/** Settings that a variant must leave to the whole comparison, and the place where they belong. */
const SHARED: Readonly<Record<string, string>> = {
  'train.seed': 'seeds',
  'train.baseline': 'variants, as "cross-entropy"',
  'annotation.fraction': 'fractions',
  'annotation.source': 'settings',
};
const placeOf = (path: string): string | undefined =>
  path.startsWith('data.') ? 'settings' : SHARED[path];

/** Paths of the changed settings: "train.epochs". */
const pathsOf = (settings: ConfigChanges): string[] =>
  Object.entries(settings).flatMap(([room, values]) =>
    Object.keys(values).map((name) => `${room}.${name}`),
  );

export interface ComparisonChanges {
  /** Use the quick size of the file: its settings override the shared ones, its seeds apply to every variant. */
  readonly quick?: boolean;
  /** Data to use instead of the file's. */
  readonly data?: string;
  /** Settings that override the shared ones of the file, such as the best of a sweep. */
  readonly settings?: ConfigChanges;
}

/**
 * Reads a comparison. A variant is a name with its own settings. A bare name, or a name without `loss`, means the loss
 * of that name. A variant may list fewer of the seeds.
 *
 * @throws RangeError with the file, the place, the value and what is expected; for an unknown key, the most similar
 *   name
 */
export function parseComparison(
  text: string,
  where: string,
  changes: ComparisonChanges = {},
): ComparisonSpec {
  const json = parseJson(text, where);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new RangeError(`${where}: got ${quoted(json)}, expected an object.`);
  }
  checkKeys(json, Object.keys(specSchema.entries), where);
  const given = parse(specSchema, json, where);
  checkChanges(given.settings, `${where}: settings`);
  checkChanges(given.quick?.settings ?? {}, `${where}: quick: settings`);
  const spec = changed(given, changes, where);
  const paths = pathsOf(spec.settings);
  const misplaced = ['train.seed', 'train.baseline'].find((path) => paths.includes(path));
  if (misplaced) {
    throw new RangeError(`${where}: settings: ${misplaced} belongs in ${SHARED[misplaced]}.`);
  }
  // Before every variant is compared with every seed.
  checkLimit('trials', spec.variants.length * spec.seeds.length, where);
  const variants = spec.variants.map((each) => {
    const variant = typeof each === 'string' ? { name: each } : each;
    return parseVariant(variant, spec, `${where}: variant ${cut(variant.name, 120)}`);
  });
  const trials = variants.reduce(
    (sum, { seeds, ...own }) => sum + seeds.length * own.fractions.length * own.controls.length,
    0,
  );
  checkLimit('trials', trials, where);
  const named = new Map(variants.map(({ name }, i) => [name, i]));
  const twice = variants.find(({ name }, i) => named.get(name) !== i);
  if (twice)
    throw new RangeError(`${where}: two variants are named ${cut(twice.name, 120)}. Rename one.`);
  const { title = where, notes, settings, seeds, reference } = spec;
  const shown = reference === undefined ? {} : { reference };
  return { title, notes, settings, variants, seeds, ...shown };
}

type SpecFile = Omit<v.InferOutput<typeof specSchema>, 'settings'> & {
  readonly settings: ConfigChanges;
};

function changed(
  spec: SpecFile,
  { quick = false, data, settings = {} }: ComparisonChanges,
  where: string,
): SpecFile {
  if (quick && !spec.quick) {
    throw new RangeError(`${where}: has no quick size. Add quick: { settings, seeds }.`);
  }
  const small = quick ? spec.quick : undefined;
  return {
    ...spec,
    settings: withChanges(
      spec.settings,
      settings,
      small?.settings ?? {},
      data === undefined ? {} : { data: { source: data } },
    ),
    seeds: small?.seeds ?? spec.seeds,
    variants: small ? spec.variants.map(withoutSeeds) : spec.variants,
  };
}

function withoutSeeds(variant: SpecFile['variants'][number]): SpecFile['variants'][number] {
  if (typeof variant === 'string') return variant;
  const { seeds: _, ...rest } = variant;
  return rest;
}

function parseVariant(variant: object, spec: SpecFile, where: string): Variant {
  const own = Object.keys(variantSchema.entries);
  const parsed = parse(variantSchema, variant, where);
  const { name, fractions, controls, seeds = spec.seeds } = parsed;
  const every = new Set(spec.seeds);
  const foreign = seeds.find((seed) => !every.has(seed));
  if (foreign !== undefined) {
    throw new RangeError(
      `${where}: seed ${foreign} is not among the seeds ${spec.seeds.join(', ')}.`,
    );
  }
  const { guided, settings } = withLoss(
    Object.fromEntries(Object.entries(parsed).filter(([key]) => !own.includes(key))),
    name,
    spec.settings,
    where,
  );
  checkChanges(settings, where, own);
  const shared = pathsOf(settings).find((path) => placeOf(path) !== undefined);
  if (shared) {
    throw new RangeError(
      `${where}: ${shared} is the same for all variants. Set it in ${placeOf(shared)}.`,
    );
  }
  if (!guided && (fractions || controls)) {
    throw new RangeError(
      `${where}: is not guided, so fractions and controls have no effect. Remove them.`,
    );
  }
  return {
    ...{ name, guided, settings, seeds },
    fractions: guided
      ? (fractions ?? spec.fractions ?? [spec.settings.annotation?.fraction])
      : [undefined],
    controls: guided ? (controls ?? spec.controls ?? ['none']) : ['none'],
  };
}

/** The settings of a variant, including the loss that its name implies, if any. */
function withLoss(
  settings: ConfigChanges,
  name: string,
  shared: ConfigChanges,
  where: string,
): { guided: boolean; settings: ConfigChanges } {
  const known: readonly string[] = [UNGUIDED, ...LOSS_NAMES];
  const { guidance } = settings;
  const loss = guidance?.loss ?? (known.includes(name) ? name : shared.guidance?.loss);
  if (loss === UNGUIDED) {
    const { loss: _, ...rest } = guidance ?? {};
    return { guided: false, settings: guidance ? { ...settings, guidance: rest } : settings };
  }
  // Report an unknown key first, since it may be a misspelt loss.
  checkChanges(settings, where, Object.keys(variantSchema.entries));
  if (loss === undefined) {
    throw new RangeError(
      `${where}: has no loss, and its name is not that of one.${didYouMean(name, known)} Expected a loss: ${known.join(', ')}, or a file.`,
    );
  }
  return { guided: true, settings: withChanges(settings, { guidance: { loss } }) };
}

/** The settings of a trial. `defaults` are those of the data. */
export function trialConfig(
  spec: ComparisonSpec,
  variant: Variant,
  seed: number,
  fraction: number | undefined,
  defaults: Config,
): Config {
  const { settings } = variant;
  return parseConfig(
    withChanges(spec.settings, settings, ofSeed(seed), {
      annotation: fraction === undefined ? {} : { fraction },
    }),
    defaults,
  );
}

/** The shared settings, which decide where the saliency of every variant is measured. */
export const sharedConfig = (spec: ComparisonSpec, seed: number, defaults: Config): Config =>
  parseConfig(withChanges(spec.settings, ofSeed(seed)), defaults);

const ofSeed = (seed: number): ConfigChanges => ({ train: { seed, baseline: false } });

/** @throws RangeError for an unknown key, with the most similar known one */
export function checkKeys(object: object, known: readonly string[], where: string): void {
  const unknown = Object.keys(object).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new RangeError(
      `${where}: unknown key ${cut(unknown, 120)}.${didYouMean(unknown, known)}`,
    );
  }
}

/** The value in the form of a schema. @throws RangeError with the place of the first mistake */
export function parse<const S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  where: string,
): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const place = v.getDotPath(issue) ?? 'content';
  const isPlain = typeof issue.input === 'string' || Array.isArray(issue.input);
  const given = isPlain ? JSON.stringify(issue.input) : issue.received;
  throw new RangeError(
    `${where}: ${place} is ${cut(given, 120)}, expected ${cut(expectedBy(issue), 120)}.`,
  );
}

/** In our words where the schema has some; a bound is no formula: ">=1" is "at least 1". */
function expectedBy({ message, expected }: v.BaseIssue<unknown>): string {
  if (!message.startsWith('Invalid ')) return message;
  const [, sign, bound] = /^([<>]=?)(.*)$/.exec(expected ?? '') ?? [];
  const words = { '>=': 'at least', '<=': 'at most', '>': 'more than', '<': 'less than' };
  return sign ? `${words[sign as keyof typeof words]} ${bound}` : (expected ?? message);
}
