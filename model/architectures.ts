// The architectures by name: the only place that knows which exist, and which settings each one has.

import type { Gpu } from '../engine/core/gpu.ts';
import { allOrNothing } from '../engine/core/tensor.ts';
import type { Architecture, LargestWeight } from './architecture.ts';
import type { Classifier, ClassifierShape } from './classifier.ts';
import { mobilenetV3SmallArchitecture } from './mobilenet.ts';
import { resnet18Architecture, resnet34Architecture } from './resnet.ts';
import { completeValues, mergeSettings, type Settings, type ValuesOf } from './setting.ts';
import { smallCnnArchitecture } from './small-cnn.ts';

const table = {
  'small-cnn': smallCnnArchitecture,
  resnet18: resnet18Architecture,
  resnet34: resnet34Architecture,
  mobilenet_v3_small: mobilenetV3SmallArchitecture,
} as const;

type Table = typeof table;
/** Names of the architectures. */
export type ArchitectureName = keyof Table;

/** Names of the architectures, in the order of the table. */
export const ARCHITECTURES = Object.keys(table) as readonly ArchitectureName[];

type SettingsOf<Name extends ArchitectureName> = Table[Name]['settings'];

type UnionToIntersection<U> = (U extends unknown ? (each: U) => void : never) extends (
  all: infer I,
) => void
  ? I
  : never;
/** Settings of every architecture, by name. */
export type ArchitectureSettings = UnionToIntersection<SettingsOf<ArchitectureName>>;

/** Settings of every architecture. Several may share one; none has a name of `ClassifierShape`. */
export const architectureSettings = mergeSettings(
  Object.fromEntries(ARCHITECTURES.map((name) => [name, table[name].settings])),
  ['architecture', 'channels', 'classes', 'size'],
) as ArchitectureSettings;

/** An architecture, the images and classes that it is for, and its settings. Omitted ones have their defaults. */
export type ClassifierConfig = {
  readonly [Name in ArchitectureName]: { readonly architecture: Name } & ClassifierShape &
    Partial<ValuesOf<SettingsOf<Name>>>;
}[ArchitectureName];

/** The table's row of a configuration, and the configuration with its defaults. */
function complete({ architecture, channels, classes, size, ...settings }: ClassifierConfig) {
  const row = table[architecture] as unknown as Architecture<Settings> | undefined;
  if (!row) {
    throw new RangeError(
      `createClassifier: architecture is ${architecture}, expected one of ${ARCHITECTURES.join(', ')}.`,
    );
  }
  for (const [name, value] of Object.entries({ channels, classes, size })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`createClassifier: ${name} is ${value}, expected a whole number ≥ 1.`);
    }
  }
  const values = completeValues(row.settings, settings, architecture);
  return { row, config: { channels, classes, size, ...values } };
}

/**
 * Builds a classifier with weights drawn from `seed`.
 *
 * @throws RangeError for an unknown architecture, sizes that are not whole and ≥ 1, or a setting or value that the
 *   architecture does not accept
 */
export function createClassifier(
  gpu: Gpu,
  config: ClassifierConfig,
  seed: number | string,
): Classifier {
  const { row, config: full } = complete(config);
  return {
    ...allOrNothing(() => row.create(gpu, full, seed)),
    config,
    largestActivation: largestActivation(config),
    recreate: (other) => createClassifier(gpu, config, other),
  };
}

/** Elements of the largest feature map, or of the input if that is larger, of one image. */
export function largestActivation(classifier: ClassifierConfig): number {
  const { row, config } = complete(classifier);
  return Math.max(row.largestActivation(config), config.channels * config.size ** 2);
}

/** The weight that grows with the size of the images; undefined if there is none. */
export function largestWeight(classifier: ClassifierConfig): LargestWeight | undefined {
  const { row, config } = complete(classifier);
  return row.largestWeight?.(config);
}

/** Number of trained weights, without building the classifier. */
export function parameterCount(classifier: ClassifierConfig): number {
  const { row, config } = complete(classifier);
  return row.parameters(config);
}

/** Channels of the last feature map. */
export function featureWidth(classifier: ClassifierConfig): number {
  const { row, config } = complete(classifier);
  return row.featureWidth(config);
}

/** Architectures whose classifiers have contextual decomposition. */
export const DECOMPOSED: readonly ArchitectureName[] = ARCHITECTURES.filter(
  (name) => table[name].decomposes,
);

/** Architectures that have a setting, as `dropout`. */
export const architecturesWith = (setting: keyof ArchitectureSettings): ArchitectureName[] =>
  ARCHITECTURES.filter((name) => Object.hasOwn(table[name].settings, setting));

/** The classifier that settings of all architectures describe. Those of other architectures are ignored. */
export function classifierConfig(
  settings: { readonly architecture: ArchitectureName } & ValuesOf<ArchitectureSettings>,
  shape: ClassifierShape,
): ClassifierConfig {
  const { architecture } = settings;
  const own = Object.keys(table[architecture].settings) as (keyof ArchitectureSettings)[];
  return {
    architecture,
    ...shape,
    ...Object.fromEntries(own.map((name) => [name, settings[name]])),
  } as ClassifierConfig;
}

/** A shape and its sizes, limited so that a hostile file cannot request terabytes. */
const LARGEST = 65_536;

/**
 * Reads a configuration from a file.
 *
 * @throws RangeError naming what is missing or wrong
 */
export function parseClassifierConfig(value: unknown, where: string): ClassifierConfig {
  const { architecture, channels, classes, size, ...settings } = Object(value) as Record<
    string,
    unknown
  >;
  if (!ARCHITECTURES.includes(architecture as ArchitectureName)) {
    throw new RangeError(
      `${where}: architecture is ${JSON.stringify(architecture)}, expected ${ARCHITECTURES.join(', ')}.`,
    );
  }
  for (const [name, each] of Object.entries({ channels, classes, size })) {
    if (Number.isInteger(each) && (each as number) >= 1 && (each as number) <= LARGEST) continue;
    throw new RangeError(
      `${where}: ${name} is ${JSON.stringify(each)}, expected a whole number from 1 to ${LARGEST}.`,
    );
  }
  const name = architecture as ArchitectureName;
  const values = completeValues(table[name].settings, settings, where);
  return { architecture: name, channels, classes, size, ...values } as ClassifierConfig;
}
