// The trials of a comparison: every variant, budget and control with every seed, each identified by a hash of its
// settings.

import type { Config } from '../config/config.ts';
import type { Reach } from '../config/declaration.ts';
import { reaching } from '../config/settings.ts';
import { valueHash } from '../files/content-hash.ts';
import type { MaskControl } from '../masks/mask-controls.ts';
import { didYouMean } from '../text/suggestions.ts';
import { quoted } from '../text/visible.ts';
import { type ComparisonSpec, sharedConfig, trialConfig } from './comparison-file.ts';

/** A row of the tables: what is trained with every seed. */
export interface Condition {
  /** Unique in its comparison, for people. */
  readonly label: string;
  readonly variant: string;
  readonly guided: boolean;
  readonly control: MaskControl;
  /** Share of the training images that are annotated; absent if nothing depends on it. */
  readonly fraction?: number;
  /** Whether the other conditions are tested against this one. */
  readonly isReference: boolean;
}

export interface Trial {
  readonly condition: Condition;
  readonly seed: number;
  readonly config: Config;
  /** The shared settings, so that the saliency of every variant is measured in the same way. */
  readonly evaluation: Config;
  /** Hash of everything that decides the result, except the content of the data. */
  readonly key: string;
  /** Hash of everything that decides the warm start. Trials with the same hash share it. */
  readonly warmKey: string;
}

/**
 * All trials, seed by seed, in the order of the variants.
 *
 * @param defaults settings that fit the data
 * @param contents text or hash of each file that the settings name, by path: files are identified by their content
 * @param code `codeVersion` of what trains and measures
 * @param classes what annotations say about classes, on which every training depends
 * @throws RangeError if two conditions are the same trial, or the reference is none of them
 */
export function listTrials(
  spec: ComparisonSpec,
  defaults: Config,
  contents: ReadonlyMap<string, string> = new Map(),
  code = '',
  classes = '',
): Trial[] {
  const conditions = listConditions(spec);
  const trials = spec.seeds.flatMap((seed) =>
    conditions.flatMap(({ condition, variant, fraction }): Trial[] => {
      if (!variant.seeds.includes(seed)) return [];
      const config = trialConfig(spec, variant, seed, fraction, defaults);
      const evaluation = sharedConfig(spec, seed, defaults);
      const { control, guided } = condition;
      // The control `oracle` uses no annotations.
      const marks: readonly Reach[] = control === 'oracle' ? [] : ['marks'];
      const sources = [
        config.guidance.loss,
        ...(marks.length > 0 ? [config.annotation.source] : []),
      ];
      const files = sources.map((path) => contents.get(path));
      const init = contents.get(config.model.init);
      const start = init === undefined ? {} : { init };
      const looked = evaluation.saliency;
      const key = valueHash({
        ...{ version: 3, code, looked },
        ...(spec.validationOnly && { measured: 'val' }),
        settings: reaching(config, [
          'every arm',
          ...(guided ? (['guided arm', ...marks] as const) : []),
        ]),
        ...(guided && { control, files }),
        ...start,
        ...(classes !== '' && { classes }),
      });
      const { warmupEpochs } = config.guidance;
      const training = reaching(config, ['every arm']);
      // What decides between equal epochs is measured in the warm-up too.
      const choosing = config.train.selection === 'best' ? { looked } : {};
      const warmKey = valueHash({ code, training, warmupEpochs, ...choosing, ...start });
      return [{ condition, seed, config, evaluation, key, warmKey }];
    }),
  );
  const seen = new Map<string, string>();
  for (const { key, condition, seed } of trials) {
    const other = seen.get(key);
    if (other !== undefined) {
      throw new RangeError(
        `comparison: ${other} and ${condition.label} are the same training (seed ${seed}). Leave one out.`,
      );
    }
    seen.set(key, condition.label);
  }
  return trials;
}

function listConditions({ variants, reference }: ComparisonSpec) {
  const budgets = new Set(variants.flatMap(({ fractions }) => fractions)).size;
  const several = budgets > (variants.some(({ guided }) => !guided) ? 2 : 1);
  const listed = variants.flatMap((variant) => {
    const { name, guided, fractions, controls } = variant;
    return fractions.flatMap((fraction, i) =>
      controls.flatMap((control) => {
        const free = !guided || control === 'oracle';
        if (free && i > 0) return [];
        const parts = [
          name,
          ...(several && !free && fraction !== undefined
            ? [`${Number((100 * fraction).toPrecision(6))} %`]
            : []),
          ...(control === 'none' ? [] : [control]),
        ];
        const shown = free || fraction === undefined ? {} : { fraction };
        const condition = { label: parts.join(' · '), variant: name, guided, control, ...shown };
        return [{ condition, variant, fraction }];
      }),
    );
  });
  const labels = listed.map(({ condition }) => condition.label);
  const twice = labels.find((label, i) => labels.indexOf(label) < i);
  if (twice !== undefined) {
    throw new RangeError(
      `comparison: two conditions are called "${twice}", expected different names. Rename a variant.`,
    );
  }
  const wanted = reference === undefined ? undefined : labelOf(reference, labels, variants);
  const usual = listed.find(({ condition }) => !condition.guided) ?? listed[0];
  return listed.map(({ condition, ...rest }) => ({
    condition: { ...condition, isReference: condition.label === (wanted ?? usual.condition.label) },
    ...rest,
  }));
}

/** @throws RangeError unless the reference is the label of a condition */
function labelOf(
  reference: string,
  labels: readonly string[],
  variants: ComparisonSpec['variants'],
): string {
  if (labels.includes(reference)) return reference;
  const isVariant = variants.some(({ name }) => name === reference);
  const hint = isVariant
    ? ' That variant has several rows: name one of them.'
    : didYouMean(reference, labels);
  throw new RangeError(
    `comparison: reference is ${quoted(reference)}, expected a row of the table: ${labels.join(', ')}.${hint}`,
  );
}
