// The summary of a comparison and its tables, against figures worked out by hand.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseComparison } from '../../../gfsr/compare/comparison-file.ts';
import {
  comparisonCsv,
  comparisonLatex,
  comparisonMarkdown,
} from '../../../gfsr/compare/comparison-tables.ts';
import { summarise } from '../../../gfsr/compare/summary.ts';
import type { TrialRecord } from '../../../gfsr/compare/trial-record.ts';
import { listTrials } from '../../../gfsr/compare/trials.ts';
import { defaultConfig } from '../../../gfsr/config/config.ts';

const spec = { variants: ['gfsr', 'cross-entropy', 'rrr-g'], seeds: [0, 1, 2] };
const trials = listTrials(parseComparison(JSON.stringify(spec), 'lab.json'), defaultConfig);

/** Accuracy by variant and seed. Against cross-entropy gfsr gains 0.1, 0.2, 0.3; rrr-g 0, 0 and is not defined. */
const ACCURACY: Readonly<Record<string, readonly number[]>> = {
  'cross-entropy': [0.5, 0.6, 0.55],
  gfsr: [0.6, 0.8, 0.85],
  'rrr-g': [0.5, 0.6, Number.NaN],
};
const records = trials.map(({ condition, seed }) => {
  const value = ACCURACY[condition.label][seed];
  const failed = Number.isNaN(value);
  return {
    ...{ label: condition.label, seed, dataset: { name: 'a_b', sha256: '' } },
    figures: failed ? {} : { 'test accuracy': value, 'val ece': 0.1 },
    ...(!failed && { resolution: { mapSize: [2, 2], imageSize: [12, 12] } }),
    ...(failed && { failed: 'training: diverged' }),
  } as unknown as TrialRecord;
});
const summary = summarise(trials, records);

test('rows are tested against cross-entropy, wherever it stands', () => {
  assert.is(summary.reference, 'cross-entropy');
  assert.equal(
    summary.rows.map(({ label }) => label),
    ['gfsr', 'cross-entropy', 'rrr-g'],
  );
  const [gfsr, plain, rrrG] = summary.rows.map(({ cells }) => cells['test accuracy']);
  assert.is(plain.test, undefined);
  assert.ok(Math.abs(gfsr.mean - 0.75) < 1e-12 && Math.abs(gfsr.sd - Math.sqrt(0.0175)) < 1e-12);
  // Differences 0.1, 0.2, 0.3: p = 1 − √(12/14); rrr-g has two pairs, which are no test.
  const p = 1 - Math.sqrt(12 / 14);
  assert.ok(Math.abs((gfsr.test?.p as number) - p) < 1e-9);
  assert.ok(Math.abs((gfsr.test?.holm as number) - p) < 1e-9);
  assert.equal([rrrG.count, rrrG.test?.pairs, rrrG.test?.p], [2, 2, Number.NaN]);
  assert.equal(summary.rows[2].diverged, [2]);
});

test('Markdown', () => {
  const text = comparisonMarkdown(summary);
  assert.match(text, /^\| {2}\| Accuracy ↑ \|\n\| --- \| ---: \|\n\| gfsr \| 0\.750 ± 0\.132 \|$/m);
  assert.match(text, /^\| rrr-g \(diverged with seed 2\) \| 0\.550 ± 0\.071 \|$/m);
  assert.match(
    text,
    /Mean difference from cross-entropy.* Hedges' g_z.*:\n\n.*\n.*\n\| gfsr \| \+0\.200 \[−0\.048, \+0\.448\] \(p 0\.074, g 1\.13\) \|/,
  );
  assert.match(text, /paired t-test over seeds against cross-entropy, corrected by Holm/);
});

test('CSV has every figure of every seed', () => {
  const lines = comparisonCsv(summary).trim().split('\n');
  assert.is(lines.length, 1 + 3 * 2);
  assert.match(
    lines[0],
    /^condition,figure,mean,sd,n,seed 0,seed 1,seed 2,reference,difference,ci95_low,ci95_high,t,p,p_holm,hedges_g$/,
  );
  assert.ok(lines.some((line) => /^cross-entropy,val ece,0\.1\d*,.*,3,0\.1,0\.1,0\.1$/.test(line)));
  assert.ok(lines.some((line) => line.startsWith('rrr-g,test accuracy,0.55,')));
});

test('LaTeX escapes what it must', () => {
  const text = comparisonLatex(summary);
  assert.match(text, /Comparison on a\\_b\./);
  assert.match(text, /^gfsr & 0\.750 \$\\pm\$ 0\.132 \\\\$/m);
  assert.not.match(text, /[±↑·]/);
});

test('a star marks a gain and a dagger a harm, where they are significant after Holm', () => {
  const sure = (by: number) =>
    records.map((record) => {
      const value = ACCURACY['cross-entropy'][record.seed] + by * (1 + record.seed / 100);
      return record.label === 'gfsr' ? { ...record, figures: { 'test accuracy': value } } : record;
    });
  const [gain, harm] = [summarise(trials, sure(0.1)), summarise(trials, sure(-0.1))];
  assert.match(comparisonMarkdown(gain), /^\| gfsr \| 0\.651 ± 0\.051 \* \|$/m);
  assert.match(comparisonMarkdown(harm), /^\| gfsr \| 0\.449 ± 0\.050 † \|$/m);
  assert.match(comparisonLatex(harm), /\$\^\{\\dagger\}\$/);
  assert.match(comparisonMarkdown(harm), /\* better, † worse with p < 0\.05/);
});

test('every table says how saliency was measured, and on how many masks', () => {
  const counted = records.map((record) => ({
    ...record,
    figures: { ...record.figures, 'test masks': 15 + record.seed, 'test emptyMasks': 1 },
  }));
  const text = comparisonMarkdown(summarise(trials, counted));
  assert.match(text, /Saliency of 2×2 is upsampled bilinearly .* to the images' 12×12\./);
  assert.match(text, /Images with a mask: 15 to 17; left out because the mask is empty: 1\./);
  assert.not.match(comparisonMarkdown(summary), /Images with a mask/);
});

test('a cross-validation is named, and its intervals are wider', () => {
  const settings = { data: { folds: 3 } };
  const crossed = listTrials(
    parseComparison(JSON.stringify({ ...spec, settings }), 'lab.json'),
    defaultConfig,
  );
  const drawn = { train: 20, val: 10, test: 20 };
  const own = records.map((record) => ({ ...record, dataset: { ...record.dataset, drawn } }));
  const text = comparisonMarkdown(summarise(crossed, own));
  // As many test as train: √(1/3 + 1) instead of √(1/3) doubles them.
  assert.match(text, /gfsr \| \+0\.200 \[−0\.297, \+0\.697\]/);
  assert.match(text, /Cross-validation in 3 parts: each seed tests another part\. The seed draws/);
  const redrawn = comparisonMarkdown(summarise(trials, own));
  assert.match(redrawn, /gfsr \| \+0\.200 \[−0\.297, \+0\.697\]/);
  assert.match(redrawn, /confirm\. The seed draws the splits, so trainings share images/);
  assert.not.match(comparisonMarkdown(summary), /share images/);
});

test('any row can be the reference', () => {
  const against = (reference: string) =>
    listTrials(parseComparison(JSON.stringify({ ...spec, reference }), 'lab.json'), defaultConfig);
  const turned = summarise(against('gfsr'), records);
  assert.is(turned.reference, 'gfsr');
  const [gfsr, plain] = turned.rows.map(({ cells }) => cells['test accuracy']);
  assert.is(gfsr.test, undefined);
  assert.ok(Math.abs((plain.test?.difference as number) + 0.2) < 1e-12);
  assert.match(comparisonMarkdown(turned), /paired t-test over seeds against gfsr/);
  assert.throws(
    () => against('gfrs'),
    /comparison: reference is "gfrs", expected a row of the table: gfsr, cross-entropy, rrr-g\. Did you mean gfsr\?/,
  );
});

test('one seed is not tested', () => {
  const one = trials.filter(({ seed }) => seed === 0);
  const text = comparisonMarkdown(
    summarise(
      one,
      records.filter(({ seed }) => seed === 0),
    ),
  );
  assert.match(text, /One seed: nothing can be said about differences\./);
  assert.match(text, /^\| gfsr \| 0\.600 \|$/m);
  assert.not.match(text, /Mean difference/);
});

test.run();
