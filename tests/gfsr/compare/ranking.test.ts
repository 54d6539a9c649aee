// Ranking of candidates: by the mean over seeds, by the second criterion among near equals, with honest intervals.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  bestSettings,
  rankCandidates,
  rankingCsv,
  rankingMarkdown,
} from '../../../gfsr/compare/ranking.ts';
import { halfInterval } from '../../../gfsr/compare/statistics.ts';
import { parseSweep } from '../../../gfsr/compare/sweep-file.ts';
import type { TrialRecord } from '../../../gfsr/compare/trial-record.ts';
import { listTrials } from '../../../gfsr/compare/trials.ts';
import { defaultConfig } from '../../../gfsr/config/config.ts';

/** Accuracy and EPG − area of λ 1, 3 and 9 with seeds 0 and 1. */
const MEASURED: Readonly<Record<number, readonly [number, number][]>> = {
  1: [
    [0.8, 0.1],
    [0.82, 0.1],
  ],
  3: [
    [0.8, 0.4],
    [0.81, 0.3],
  ],
  9: [
    [0.7, 0.5],
    [0.71, 0.5],
  ],
};

/** @param isLost whether a trial failed; @param drawn sizes of splits that the seed draws */
function ranked(
  change: object = {},
  isLost = (_lambda: number, _seed: number) => false,
  drawn?: object,
) {
  const text = JSON.stringify({
    settings: { data: { source: 'decoy-mnist' }, guidance: { loss: 'gfsr' }, train: { epochs: 3 } },
    try: { 'guidance.lambda': [9, 1, 3] },
    seeds: [0, 1],
    ...change,
  });
  const spec = parseSweep(text, 'sweep.json');
  const trials = listTrials(spec.comparison, defaultConfig);
  const records = trials.map(({ config, seed }) => {
    if (isLost(config.guidance.lambda, seed)) return undefined;
    const [accuracy, gain] = MEASURED[config.guidance.lambda][seed];
    const figures = { 'val accuracy': accuracy, 'val epgGain': gain };
    return { figures, dataset: { name: 'toy', sha256: '', drawn } } as unknown as TrialRecord;
  });
  const ranking = rankCandidates(spec, trials, records);
  return { spec, ranking, order: ranking.candidates.map(({ label }) => label.split(' ')[1]) };
}

test('the best mean is first', () => {
  const { ranking, order } = ranked();
  assert.equal(order, ['1', '3', '9']);
  const [first, second] = ranking.candidates;
  assert.ok(Math.abs(first.figures.accuracy.mean - 0.81) < 1e-12);
  // t of one degree of freedom at 97.5 % is 12.706; the standard deviation of 0.80 and 0.82 is 0.01·√2.
  assert.ok(Math.abs(first.figures.accuracy.half - 12.7062 * 0.01) < 1e-5);
  assert.ok(Math.abs(second.behind.mean + 0.005) < 1e-12);
});

test('the second criterion decides among near equals only', () => {
  assert.equal(ranked({ second: 'epgGain', within: 0.006 }).order, ['3', '1', '9']);
  assert.equal(ranked({ second: 'epgGain', within: 0.001 }).order, ['1', '3', '9']);
  assert.equal(ranked({ second: 'epgGain', within: 0.5 }).order, ['9', '3', '1']);
});

test('a candidate whose trials failed is last', () => {
  const { ranking, order } = ranked({}, (lambda) => lambda === 1);
  assert.equal(order, ['3', '9', '1']);
  assert.ok(Number.isNaN(ranking.candidates[2].figures.accuracy.mean));
});

test('a candidate does not win with the seeds that are left', () => {
  const { ranking, order } = ranked({}, (lambda, seed) => lambda === 1 && seed === 0);
  assert.equal(order, ['3', '9', '1']);
  assert.not(ranking.candidates[2].nearBest);
  assert.match(rankingMarkdown(ranking), /guidance\.lambda 1 \(1 seed; failed with seed 0\)/);
  // Where all have lost a seed, the means of what is left decide.
  assert.equal(ranked({}, (_, seed) => seed === 0).order, ['1', '3', '9']);
  assert.throws(() => ranked({ criterion: 'auc' }), /sweep: no candidate has val auc/);
});

test('the best settings are the shared ones with those of the first candidate', () => {
  const { ranking, spec } = ranked({ second: 'epgGain', within: 0.006 });
  assert.equal(bestSettings(ranking, spec.comparison.settings), {
    data: { source: 'decoy-mnist' },
    guidance: { loss: 'gfsr', lambda: 3 },
    train: { epochs: 3 },
  });
});

test('tables hold the interval, the mark of near equals, and a warning', () => {
  const { ranking } = ranked({ second: 'epgGain', within: 0.006 });
  const markdown = rankingMarkdown(ranking);
  assert.match(
    markdown,
    /^\| 1 \\\* \| guidance\.lambda 3 \| 0\.805 ± 0\.064 \| 0\.350 ± 0\.635 \|/m,
  );
  assert.match(markdown, /Validation images only.*Picking the best of many/);
  assert.match(rankingCsv(ranking), /^1,guidance\.lambda 3,epgGain,0\.35,0\.635/m);
});

test('the interval of five values uses t of four degrees of freedom', () => {
  const half = halfInterval([1, 2, 3, 4, 5]);
  assert.ok(Math.abs(half - (2.776445 * Math.sqrt(2.5)) / Math.sqrt(5)) < 1e-5);
  assert.ok(Number.isNaN(halfInterval([1])));
});

test('where the seed draws the splits, it says that test images have helped to pick, and intervals are wider', () => {
  const drawn = { train: 20, val: 10, test: 20 };
  const note = (change: object, sizes?: object) =>
    rankingMarkdown(ranked(change, undefined, sizes).ranking);
  assert.match(note({}, drawn), /which have helped to pick; or pick with one seed/);
  assert.match(note({}), /measure it anew with other seeds/);
  assert.match(note({ seeds: [0] }, drawn), /measure it anew with other seeds/);
  // Two seeds, half as many images validate as train: √(1/2 + 1/2) instead of √(1/2).
  const [plain, shared] = [undefined, drawn].map(
    (sizes) => ranked({}, undefined, sizes).ranking.candidates[0].figures.accuracy.half,
  );
  assert.ok(Math.abs(shared / plain - Math.SQRT2) < 1e-9);
});

test.run();
