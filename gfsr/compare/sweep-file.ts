// The file that describes a sweep: shared settings, the settings to try, how to search, and what is best.

import * as v from 'valibot';
import { defaultConfig } from '../config/config.ts';
import { checkChanges } from '../config/parse.ts';
import { parseJson } from '../text/json.ts';
import { quoted } from '../text/visible.ts';
import {
  type ComparisonChanges,
  type ComparisonSpec,
  checkKeys,
  parse,
  parseComparison,
} from './comparison-file.ts';
import { type Candidate, candidatesOf, labelOf, settingsOf } from './sweep-search.ts';

/**
 * Scores of validation images by which candidates can be ranked. With a planted shortcut: the accuracy where it is that
 * of a random class, absent or misleading.
 */
const CRITERIA = [
  'accuracy',
  'balancedAccuracy',
  'auc',
  'epgGain',
  'pointingGame',
  'random accuracy',
  'absent accuracy',
  'misleading accuracy',
] as const;
/** A figure of validation images, higher is better. */
export type Criterion = (typeof CRITERIA)[number];

/** What is tried, as a comparison on validation images, and by what it is ranked. */
export interface SweepSpec {
  readonly comparison: ComparisonSpec;
  /** By the name of their variant. */
  readonly candidates: ReadonlyMap<string, Candidate>;
  readonly criterion: Criterion;
  /** Decides between candidates that are nearly equal by the criterion; absent: the criterion alone. */
  readonly second?: Criterion;
  /** How far below the best mean a candidate still counts as nearly equal. */
  readonly within: number;
}

const positive = v.pipe(v.number(), v.integer(), v.minValue(1));
const values = v.pipe(v.array(v.unknown()), v.minLength(1, 'at least one value'));
const range = v.pipe(
  v.strictObject({ from: v.number(), to: v.number(), log: v.optional(v.boolean(), false) }),
  v.check(({ from, to }) => to > from, 'to above from'),
  v.check(({ from, log }) => !log || from > 0, 'from above 0 for a logarithm'),
);

const sweepSchema = v.strictObject({
  title: v.optional(v.pipe(v.string(), v.trim(), v.minLength(1))),
  notes: v.optional(v.array(v.string())),
  settings: v.optional(v.record(v.string(), v.unknown()), {}),
  try: v.record(v.string(), v.union([values, range])),
  search: v.optional(
    v.union([
      v.literal('grid'),
      v.strictObject({
        random: positive,
        seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
      }),
    ]),
    'grid',
  ),
  seeds: v.array(v.unknown()),
  criterion: v.optional(v.picklist(CRITERIA), 'accuracy'),
  second: v.optional(v.picklist(CRITERIA)),
  within: v.optional(v.pipe(v.number(), v.minValue(0)), 0.005),
});

/**
 * Reads a sweep. `try` has the paths of settings, such as `guidance.lambda`, each with a list of values or, for a
 * random search, a range `{ from, to, log }`. The loss `cross-entropy` means training without guidance.
 *
 * @throws RangeError with the file, the place, the value and what is expected
 */
export function parseSweep(
  text: string,
  where: string,
  changes: Pick<ComparisonChanges, 'data'> = {},
): SweepSpec {
  const json = parseJson(text, where);
  checkKeys(Object(json), Object.keys(sweepSchema.entries), where);
  const {
    try: space,
    search,
    criterion,
    second,
    within,
    ...shared
  } = parse(sweepSchema, json, where);
  for (const path of Object.keys(space)) {
    if (/^[a-z]+\.\w+$/i.test(path)) continue;
    throw new RangeError(
      `${where}: try: got ${quoted(path)}, expected the path of a setting, such as guidance.lambda.`,
    );
  }
  if (Object.keys(space).length === 0) {
    throw new RangeError(`${where}: try is empty, expected at least one setting.`);
  }
  const candidates = new Map(
    candidatesOf(space, search, where).map((each) => [labelOf(each), each]),
  );
  const { loss = defaultConfig.guidance.loss } = Object(shared.settings.guidance);
  const variants = [...candidates].map(([name, candidate]) => {
    const full: Candidate = { 'guidance.loss': loss, ...candidate };
    const { 'annotation.fraction': fraction, ...others } = full;
    checkChanges(settingsOf(withoutLoss(candidate)), `${where}: try`);
    return {
      name,
      ...settingsOf(others),
      ...(fraction !== undefined && { fractions: [fraction] }),
    };
  });
  const comparison = parseComparison(JSON.stringify({ ...shared, variants }), where, changes);
  return {
    comparison: { ...comparison, validationOnly: true },
    ...{ candidates, criterion, within },
    ...(second !== undefined && { second }),
  };
}

/** Cross-entropy is no relevance loss; comparisons read it as "not guided". */
function withoutLoss({ 'guidance.loss': loss, ...others }: Candidate): Candidate {
  return loss === undefined || loss === 'cross-entropy'
    ? others
    : { ...others, 'guidance.loss': loss };
}
