// The configuration of a comparison: what it means, what is refused, and which trials are the same.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseComparison } from '../../../gfsr/compare/comparison-file.ts';
import { listTrials } from '../../../gfsr/compare/trials.ts';
import { defaultConfig } from '../../../gfsr/config/config.ts';

const parse = (spec: object) => parseComparison(JSON.stringify(spec), 'lab.json');
const trials = (spec: object, contents?: ReadonlyMap<string, string>) =>
  listTrials(parse(spec), defaultConfig, contents);
const labels = (spec: object) => trials(spec).map(({ condition }) => condition.label);

test('every variant, budget and control with every seed; cross-entropy depends on neither', () => {
  const spec = {
    variants: ['cross-entropy', { name: 'mine', guidance: { loss: 'rrr', lambda: 3 } }],
    seeds: [4, 7],
    fractions: [0.01, 1],
    controls: ['none', 'permuted', 'oracle'],
  };
  const row = [
    ...['cross-entropy', 'mine · 1 %', 'mine · 1 % · permuted', 'mine · oracle'],
    ...['mine · 100 %', 'mine · 100 % · permuted'],
  ];
  assert.equal(labels(spec), [...row, ...row]);
  const [, first] = trials(spec);
  const { guidance, train, annotation } = first.config;
  assert.equal([guidance.loss, guidance.lambda], ['rrr', 3]);
  assert.equal([train.seed, annotation.fraction], [4, 0.01]);
});

test('a name alone is a loss; a budget is shown only where there are several', () => {
  assert.equal(labels({ variants: ['gfsr', 'hint'], seeds: [0], fractions: [0.1] }), [
    'gfsr',
    'hint',
  ]);
  const own = { name: 'gfsr', fractions: [0.5], controls: ['wrong'] };
  assert.equal(labels({ variants: [own, 'hint'], seeds: [0], fractions: [0.1] }), [
    'gfsr · 50 % · wrong',
    'hint · 10 %',
  ]);
});

test('a key is the hash of what decides the result', () => {
  const keys = (change: object = {}, settings: object = {}) =>
    trials({ settings, variants: ['cross-entropy', { name: 'gfsr', ...change }], seeds: [0] }).map(
      ({ key, warmKey }) => [key, warmKey],
    );
  const [[plain, warm], [guided, guidedWarm]] = keys();
  assert.is(warm, guidedWarm);
  assert.equal(keys(), keys());
  assert.equal(keys({ name: 'renamed', guidance: { loss: 'gfsr' } })[1][0], guided);
  const stronger = keys({ guidance: { lambda: 5 } });
  assert.equal([stronger[0][0], stronger[1][1]], [plain, warm]);
  assert.is.not(stronger[1][0], guided);
  const longer = keys({}, { train: { epochs: 9 } });
  assert.ok(![plain, guided].includes(longer[0][0]) && longer[0][1] !== warm);
  // Guidance that starts later needs another warm start, and leaves cross-entropy as it was.
  const later = keys({}, { guidance: { warmupEpochs: 3 } });
  assert.is(later[0][0], plain);
  assert.is.not(later[1][1], warm);
});

test('a file is known by what is in it', () => {
  const settings = { annotation: { source: 'marks.json' } };
  const keyWith = (text: string) =>
    trials({ settings, variants: ['gfsr'], seeds: [0] }, new Map([['marks.json', text]]))[0].key;
  assert.is(keyWith('a'), keyWith('a'));
  assert.is.not(keyWith('a'), keyWith('b'));
});

const refused: readonly [string, object, RegExp][] = [
  ['an unknown key', { variant: [] }, /lab\.json: unknown key variant\. Did you mean variants\?/],
  [
    'an unknown setting',
    { settings: { guidance: { lamda: 1 } } },
    /lab\.json: settings: unknown setting guidance\.lamda\. Did you mean guidance\.lambda\?/,
  ],
  [
    'a setting outside its room',
    { settings: { epochs: 1 } },
    /lab\.json: settings: epochs is now train\.epochs\./,
  ],
  [
    'an unknown setting of a variant',
    { variants: [{ name: 'gfsr', lamda: 1 }] },
    /lab\.json: variant gfsr: unknown key lamda\. Did you mean guidance\.lambda\?/,
  ],
  [
    'an unknown key of a variant',
    { variants: [{ name: 'gfsr', control: ['none'] }] },
    /lab\.json: variant gfsr: unknown key control\. Did you mean controls\?/,
  ],
  [
    'an old key of a variant',
    { variants: [{ name: 'gfsr', steps: 4 }] },
    /lab\.json: variant gfsr: steps is now saliency\.integrationSteps\./,
  ],
  [
    'a bad value of a variant',
    { variants: [{ name: 'gfsr', saliency: { sign: 'abz' } }] },
    /lab\.json: variant gfsr: saliency\.sign is "abz", expected signed, relu, abs\. Did you mean abs\?/,
  ],
  [
    'a name that is no loss',
    { variants: ['gfrs'] },
    /variant gfrs: has no loss, and its name is not that of one\. Did you mean gfsr\?/,
  ],
  ['a control that does not exist', { controls: ['shuffled'] }, /controls\.0 is "shuffled"/],
  ['a budget of nothing', { fractions: [0] }, /fractions\.0 is 0, expected more than 0\./],
  ['a budget of all ten times', { fractions: [10] }, /fractions\.0 is 10, expected at most 1\./],
  ['no seeds', { seeds: [] }, /seeds is \[\], expected at least one value\./],
  ['no variants', { variants: [] }, /variants is \[\], expected at least one\./],
  ['a seed twice', { seeds: [1, 1] }, /seeds is \[1,1\], expected each value once\./],
  ['no title', { title: ' ' }, /title is "", expected some text\./],
  ['a seed in words', { seeds: ['one'] }, /seeds\.0 is "one", expected number\./],
  [
    'what belongs to the whole comparison',
    { variants: [{ name: 'gfsr', data: { limit: 3 } }] },
    /variant gfsr: data\.limit is the same for all variants. Set it in settings/,
  ],
  [
    'a seed among the settings',
    { settings: { train: { seed: 1 } } },
    /settings: train\.seed belongs in seeds/,
  ],
  [
    'a name twice',
    { variants: ['gfsr', { name: 'gfsr', guidance: { lambda: 3 } }] },
    /two variants are named gfsr/,
  ],
  [
    'controls of what is not guided',
    { variants: [{ name: 'cross-entropy', controls: ['wrong'] }] },
    /is not guided, so fractions and controls have no effect/,
  ],
];
for (const [what, change, message] of refused) {
  test(`${what} is refused`, () => {
    assert.throws(() => parse({ variants: ['gfsr'], seeds: [0], ...change }), message);
  });
}

test('the same training twice is refused', () => {
  assert.throws(
    () => trials({ variants: ['gfsr', { name: 'again', guidance: { loss: 'gfsr' } }], seeds: [0] }),
    /gfsr and again are the same training/,
  );
});

test('more trials than anybody runs are refused before they are listed', () => {
  const count = (length: number) => Array.from({ length }, (_, i) => i);
  const controls = ['none', 'permuted'];
  const most =
    'expected at most 50,000. If this is meant, set the environment variable GFSR_MAX_TRIALS';
  for (const [spec, trials] of [
    [{ variants: ['energy'], seeds: count(1_000_000) }, '1,000,000'],
    [{ variants: ['energy', 'rrr'], seeds: count(20_000), controls }, '80,000'],
    [{ variants: count(60_000).map((i) => ({ name: `v${i}` })), seeds: [0] }, '60,000'],
  ] as const) {
    const text = JSON.stringify({ settings: {}, ...spec });
    const parse = () => parseComparison(text, 'lab.json');
    assert.throws(parse, new RegExp(`^lab\\.json: got ${trials} trials, ${most}`));
  }
});

test.run();
