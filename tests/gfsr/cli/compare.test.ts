// `gfsr compare` as a user runs it: killed at any moment it goes on, and leaves tables and a report.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { writeTiny } from '../../support/tiny-data.ts';
import { complaint, gfsr, tempFolder } from './cli.ts';

const folder = tempFolder();
const out = join(folder, 'out');
const settings = {
  data: { source: writeTiny(folder) },
  model: { widths: [2], hidden: 4 },
  train: { batchSize: 8, epochs: 2 },
  guidance: { warmupEpochs: 1, rampEpochs: 0 },
  masks: { concepts: 3, segments: 16 },
};

function writeComparison(name: string, spec: object): string {
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify({ settings, fractions: [0.1], ...spec }));
  return path;
}

const spec = writeComparison('lab', {
  variants: ['cross-entropy', { name: 'gfsr', controls: ['none', 'wrong'] }],
  seeds: [0, 1],
});
const TRIALS = 6;

/** Body of a loss that fails from the second batch of training on. */
const LATE = `globalThis.batches = (globalThis.batches ?? 0) + Number(image.shape[0] > 3);
  if (globalThis.batches > 1) throw null;`;

/** The text of each finished trial by file name. */
const trials = (): Map<string, string> =>
  new Map(
    readdirSync(join(out, 'trials'))
      .filter((file) => file.endsWith('.json'))
      .map((file) => [file, readFileSync(join(out, 'trials', file), 'utf8')]),
  );

/** Starts the comparison and kills it, without a word of warning, `after` ms into the named trial. */
const killedIn = (trial: string, after: number) =>
  gfsr(['compare', '--config', spec, '--out', out], {
    watch: (stdout, child) => {
      if (stdout.includes(trial)) setTimeout(() => child.kill('SIGKILL'), after);
    },
  });

test('killed in the middle of trials, it goes on without a lost or doubled one', async () => {
  let before = new Map<string, string>();
  for (const [trial, after] of [
    ['trial 2/6', 0],
    ['trial 4/6', 400],
  ] as const) {
    assert.is((await killedIn(trial, after)).signal, 'SIGKILL');
    const kept = trials();
    assert.ok(kept.size > before.size && kept.size < TRIALS, `${kept.size} trials`);
    for (const [file, text] of before) assert.is(kept.get(file), text);
    before = kept;
  }
  const { code, stdout, stderr } = await gfsr(['compare', '--config', spec, '--out', out]);
  assert.is(code, 0, stderr);
  assert.is((stdout.match(/^trial /gm) ?? []).length, TRIALS - before.size);
  assert.match(stdout, /^trial 6\/6 {2}gfsr · wrong {2}seed 1 …, about \d+:\d\d left$/m);
  const all = trials();
  assert.is(all.size, TRIALS);
  for (const [file, text] of before) assert.is(all.get(file), text);
  const records = [...all.values()].map((text) => JSON.parse(text));
  assert.equal(
    records.map(({ label, seed }) => `${label} ${seed}`).sort(),
    ['cross-entropy', 'gfsr', 'gfsr · wrong'].flatMap((label) => [`${label} 0`, `${label} 1`]),
  );
  assert.is(readdirSync(join(out, 'warm-starts')).length, 2);
});

test('a trial that was killed has the figures of one that was not', async () => {
  const alone = join(folder, 'alone');
  const one = writeComparison('one', { variants: [{ name: 'gfsr' }], seeds: [1] });
  assert.is((await gfsr(['compare', '--config', one, '--out', alone])).code, 0);
  const [file] = readdirSync(join(alone, 'trials'));
  const fresh = JSON.parse(readFileSync(join(alone, 'trials', file), 'utf8'));
  const resumed = JSON.parse(trials().get(file) as string);
  assert.equal(resumed.figures, fresh.figures);
  assert.equal(resumed.examples, fresh.examples);
});

test('a finished comparison trains nothing more, and writes every table', async () => {
  const before = trials();
  const { code, stdout } = await gfsr(['compare', '--config', spec, '--out', out]);
  assert.is(code, 0);
  assert.not.match(stdout, /^trial /m);
  assert.match(stdout, /^gfsr · wrong +\d\.\d{3} ± \d\.\d{3}/m);
  assert.equal(trials(), before);
  const read = (name: string) => readFileSync(join(out, name), 'utf8');
  assert.match(read('table.md'), /^\| gfsr · wrong \| \d\.\d{3} ± /m);
  const made = JSON.parse(read('table.json')).madeWith;
  assert.equal(
    Object.keys(made)
      .filter((name) => name !== 'commit')
      .sort(),
    ['adapter', 'code', 'data', 'gfsr'],
  );
  for (const name of ['table.md', 'table.tex', 'report.html']) {
    assert.ok(read(name).includes(made.data), `${name} names the data`);
    assert.ok(read(name).includes(made.code), `${name} names the code`);
  }
  assert.match(read('table.csv'), /^gfsr · wrong,test accuracy,/m);
  assert.match(read('table.tex'), /\\begin\{tabular\}/);
  assert.is(JSON.parse(read('table.json')).rows.length, 3);
  const report = read('report.html');
  // Six images, each under the saliency of three conditions, and alone.
  assert.is((report.match(/<img /g) ?? []).length, 6 * 4);
  assert.not.match(report, /(?:src|href)="(?!data:)/);
  assert.match(report, /The same on validation images/);
});

test('what is wrong is said before anything is trained', async () => {
  const run = async (path: string, to = out) =>
    complaint(await gfsr(['compare', '--config', path, '--out', to]));
  assert.match(complaint(await gfsr(['compare'])), /needs --config lab\.json/);
  const typo = writeComparison('typo', { variants: [{ name: 'gfsr', lambd: 2 }], seeds: [0] });
  assert.match(
    await run(typo),
    /typo\.json: variant gfsr: unknown key lambd\. Did you mean guidance\.lambda\?/,
  );
  const foreign = join(folder, 'foreign');
  mkdirSync(foreign);
  writeFileSync(join(foreign, 'lab.json'), '{}');
  assert.match(
    await run(spec, foreign),
    /is not the folder of a comparison .* Choose a new one with --out/,
  );
  writeTiny(folder, 'tiny', { brightness: 90 });
  const more = writeComparison('more', {
    variants: ['cross-entropy', 'gfsr', 'hint'],
    seeds: [0, 1],
  });
  assert.match(await run(more), /tiny\.npz has changed since trial/);
});

test('one bad variant is marked failed and does not stop the others', async () => {
  const imports = new URL('../../../engine/index.ts', import.meta.url).href;
  const lossFile = (name: string, body: string): string => {
    const path = join(folder, `${name}.mts`);
    writeFileSync(
      path,
      `import { mean, mul } from '${imports}';
export default { name: '${name}', source: 'test', loss: ({ saliency, mask, image }) => {
  ${body}
  return mean(mul(saliency, mask), [1, 2]);
} };
`,
    );
    return path;
  };
  const variants = [
    'cross-entropy',
    { name: 'good', guidance: { loss: lossFile('good', '') } },
    { name: 'wrong', guidance: { loss: lossFile('wrong', 'throw "oops";') } },
    { name: 'gone', guidance: { loss: join(folder, 'gone.mts') } },
    // Its check has smaller batches than the training, and the step is tried once before it.
    { name: 'late', guidance: { loss: lossFile('late', LATE) } },
    { name: 'layer', guidance: { loss: 'energy' }, saliency: { layer: 'conv7' } },
  ];
  const bad = writeComparison('bad', { variants, seeds: [0, 1] });
  const to = join(folder, 'bad-out');
  const first = await gfsr(['compare', '--config', bad, '--out', to]);
  assert.is(first.code, 1, first.stderr);
  assert.match(first.stdout, /^good +\d\.\d{3} ± /m);
  for (const line of [
    /^wrong \(0 seeds; failed with seed 0, 1\) +– /m,
    /^FAILED +wrong: .*wrong\.mts: wrong throws: "oops", .* \(seed 0, 1\)$/m,
    /^FAILED +gone: cannot read ".*gone\.mts": no such file.* \(seed 0, 1\)$/m,
    /^WARNING +not trained: gone: cannot read ".*gone\.mts": no such file[\s\S]*^trial \d+\/12/m,
    /^FAILED +late: late throws: null, .* \(seed 0, 1\)$/m,
    /^FAILED +layer: saliency: no layer conv7, expected first, last, conv1\. \(seed 0, 1\)$/m,
  ]) {
    assert.match(first.stdout, line);
  }
  assert.is(readdirSync(join(to, 'trials')).length, 4);
  assert.match(readFileSync(join(to, 'report.html'), 'utf8'), /failed with seed 0, 1/);
  // What failed is tried again, what is finished is not.
  const { code, stdout } = await gfsr(['compare', '--config', bad, '--out', to]);
  assert.is(code, 1);
  assert.equal(stdout.match(/^trial .*? {2}\w+/gm), ['trial 11/12  late', 'trial 12/12  late']);
  const none = writeComparison('none', { variants: [variants[2]], seeds: [0] });
  const refused = await gfsr(['compare', '--config', none, '--out', join(folder, 'none')]);
  assert.is(refused.code, 1);
  assert.match(complaint(refused), /wrong\.mts: wrong throws: "oops"/);
});

test.run();
