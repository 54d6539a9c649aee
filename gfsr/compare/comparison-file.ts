// The file that describes a comparison: shared settings, variants, seeds, annotation budgets, mask controls.

import * as v from 'valibot';
import { type Config, didYouMean, parseConfig, settingInfos } from '../config/config.ts';
import { relevanceLosses } from '../guidance/losses.ts';
import { MASK_CONTROLS, type MaskControl } from '../masks/mask-controls.ts';
import { parseJson } from '../text/json.ts';

/** The name of training without guidance, and the value of `loss` that asks for it. */
export const UNGUIDED = 'cross-entropy';

export interface LabVariant {
  readonly name: string;
  /** False: cross-entropy alone. */
  readonly guided: boolean;
  /** What it sets otherwise than the shared settings do. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Shares of the training images that are annotated; undefined where they come from a file, or from the defaults. */
  readonly fractions: readonly (number | undefined)[];
  readonly controls: readonly MaskControl[];
  readonly seeds: readonly number[];
}

export interface Lab {
  /** For people; the file's name where it has none. */
  readonly title: string;
  /** What a reader of the results must know, a sentence each. */
  readonly notes: readonly string[];
  readonly settings: Readonly<Record<string, unknown>>;
  readonly variants: readonly LabVariant[];
  readonly seeds: readonly number[];
}

const list = <S extends v.GenericSchema>(item: S) =>
  v.pipe(
    v.array(item),
    v.minLength(1, 'at least one'),
    v.check((items) => new Set(items).size === items.length, 'each once'),
  );
const fractions = list(v.pipe(v.number(), v.gtValue(0), v.maxValue(1)));
const controls = list(v.picklist(MASK_CONTROLS));

const settings = v.optional(v.record(v.string(), v.unknown()), {});
const seeds = list(v.pipe(v.number(), v.integer(), v.minValue(0)));

const labSchema = v.strictObject({
  title: v.optional(v.pipe(v.string(), v.trim(), v.minLength(1))),
  notes: v.optional(v.array(v.string()), []),
  settings,
  variants: v.pipe(
    v.array(v.union([v.string(), v.looseObject({ name: v.string() })])),
    v.minLength(1, 'at least one'),
  ),
  seeds,
  fractions: v.optional(fractions),
  controls: v.optional(controls),
  quick: v.optional(v.strictObject({ settings, seeds })),
});
const variantSchema = v.looseObject({
  name: v.pipe(v.string(), v.trim(), v.minLength(1)),
  fractions: v.optional(fractions),
  controls: v.optional(controls),
  seeds: v.optional(seeds),
});

/** What a variant must leave to the whole comparison, and where it is said there. */
const SHARED: Readonly<Record<string, string>> = {
  data: 'settings',
  shortcut: 'settings',
  shortcutStrength: 'settings',
  seed: 'seeds',
  baseline: 'variants, as "cross-entropy"',
  annotatedFraction: 'fractions',
  annotations: 'settings',
};
const SETTINGS = settingInfos.map(({ name }) => name as string);

export interface LabChanges {
  /** Take the size that the file calls quick: its settings over the shared ones, its seeds for every variant. */
  readonly quick?: boolean;
  /** Data in the place of the file's. */
  readonly data?: string;
}

/**
 * Reads a comparison. A variant is a name and settings of its own; a name alone, and a name without `loss`, is the
 * loss of that name. It may take fewer of the seeds.
 *
 * @throws RangeError naming the file, the place, what it got and what it takes; an unknown key with the nearest name
 */
export function parseLab(text: string, where: string, changes: LabChanges = {}): Lab {
  const json = parseJson(text, where);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new RangeError(`${where}: got ${JSON.stringify(json)}, expected an object.`);
  }
  checkKeys(json, Object.keys(labSchema.entries), where);
  const given = parse(labSchema, json, where);
  checkKeys(given.settings, SETTINGS, `${where}: settings`);
  checkKeys(given.quick?.settings ?? {}, SETTINGS, `${where}: quick: settings`);
  const lab = changed(given, changes, where);
  const misplaced = ['seed', 'baseline'].find((key) => Object.hasOwn(lab.settings, key));
  if (misplaced) {
    throw new RangeError(`${where}: settings: ${misplaced} is said in ${SHARED[misplaced]}.`);
  }
  check(lab.settings, `${where}: settings`);
  const variants = lab.variants.map((each) => {
    const variant = typeof each === 'string' ? { name: each } : each;
    return parseVariant(variant, lab, `${where}: variant ${variant.name}`);
  });
  const twice = variants.find(({ name }, i) => variants.findIndex((o) => o.name === name) < i);
  if (twice) throw new RangeError(`${where}: two variants are called ${twice.name}. Rename one.`);
  const { title = where, notes, settings, seeds } = lab;
  return { title, notes, settings, variants, seeds };
}

type LabFile = v.InferOutput<typeof labSchema>;

function changed(lab: LabFile, { quick = false, data }: LabChanges, where: string): LabFile {
  if (quick && !lab.quick) {
    throw new RangeError(`${where}: has no quick size. Say quick: { settings, seeds } in it.`);
  }
  const small = quick ? lab.quick : undefined;
  return {
    ...lab,
    settings: { ...lab.settings, ...small?.settings, ...(data !== undefined && { data }) },
    seeds: small?.seeds ?? lab.seeds,
    variants: small ? lab.variants.map(withoutSeeds) : lab.variants,
  };
}

function withoutSeeds(variant: LabFile['variants'][number]): LabFile['variants'][number] {
  if (typeof variant === 'string') return variant;
  const { seeds: _, ...rest } = variant;
  return rest;
}

function parseVariant(variant: object, lab: LabFile, where: string): LabVariant {
  const own = Object.keys(variantSchema.entries);
  checkKeys(variant, [...own, ...SETTINGS], where);
  const parsed = parse(variantSchema, variant, where);
  const { name, fractions, controls, seeds = lab.seeds } = parsed;
  const foreign = seeds.find((seed) => !lab.seeds.includes(seed));
  if (foreign !== undefined) {
    throw new RangeError(
      `${where}: seed ${foreign} is not among the seeds ${lab.seeds.join(', ')}.`,
    );
  }
  const settings = Object.fromEntries(Object.entries(parsed).filter(([key]) => !own.includes(key)));
  const shared = Object.keys(settings).find((key) => Object.hasOwn(SHARED, key));
  if (shared) {
    throw new RangeError(
      `${where}: ${shared} is the same for all variants: say it in ${SHARED[shared]}.`,
    );
  }
  settings.loss ??= name === UNGUIDED || relevanceLosses.has(name) ? name : lab.settings.loss;
  if (settings.loss === undefined) {
    const losses = [UNGUIDED, ...relevanceLosses.keys()];
    throw new RangeError(
      `${where}: has no loss and is not the name of one.${didYouMean(name, losses)} Expected a loss: ${losses.join(', ')}, or a file.`,
    );
  }
  const guided = settings.loss !== UNGUIDED;
  if (!guided) {
    if (fractions || controls) {
      throw new RangeError(`${where}: is not guided, so fractions and controls mean nothing.`);
    }
    delete settings.loss;
  }
  check({ ...lab.settings, ...settings }, where);
  return {
    ...{ name, guided, settings, seeds },
    fractions: guided
      ? (fractions ?? lab.fractions ?? [lab.settings.annotatedFraction as number | undefined])
      : [undefined],
    controls: guided ? (controls ?? lab.controls ?? ['none']) : ['none'],
  };
}

/** The settings of a trial. `defaults` are those of the data. */
export function trialConfig(
  lab: Lab,
  variant: LabVariant,
  seed: number,
  fraction: number | undefined,
  defaults: Config,
): Config {
  return parseConfig(
    {
      ...lab.settings,
      ...variant.settings,
      ...{ seed, baseline: false },
      ...(fraction !== undefined && { annotatedFraction: fraction }),
    },
    defaults,
  );
}

/** The shared settings, which say where every variant's saliency is looked at. */
export const sharedConfig = (lab: Lab, seed: number, defaults: Config): Config =>
  parseConfig({ ...lab.settings, seed, baseline: false }, defaults);

function check(settings: Readonly<Record<string, unknown>>, where: string): void {
  try {
    parseConfig(settings);
  } catch (error) {
    throw new RangeError((error as Error).message.replace(/^config/, where));
  }
}

function checkKeys(object: object, known: readonly string[], where: string): void {
  const unknown = Object.keys(object).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new RangeError(`${where}: unknown key ${unknown}.${didYouMean(unknown, known)}`);
  }
}

function parse<const S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  where: string,
): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const place = v.getDotPath(issue) ?? 'content';
  const expected = issue.expected ?? issue.message;
  throw new RangeError(`${where}: ${place} is ${issue.received}, expected ${expected}.`);
}
