// Settings that could never work, or never end, are refused with the figure, before anything is computed or written.

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseConfig } from '../../../gfsr/config/parse.ts';
import { loadDataset } from '../../../gfsr/data/load.ts';
import { relevanceLossNamed } from '../../../gfsr/guidance/losses.ts';
import { checkFits, checkModel } from '../../../gfsr/job/fits.ts';
import { checkSettings, doubtsAbout } from '../../../gfsr/job/settings-fit.ts';
import { testGpu } from '../../support/gpu.ts';
import { writeTiny } from '../../support/tiny-data.ts';
import { complaint, gfsr, tempFolder } from '../cli/cli.ts';

const folder = tempFolder();
const data = writeTiny(folder);
const dataset = await loadDataset(data);
const gpu = await testGpu();
const small = { train: { batchSize: 4 }, model: { widths: [2, 4], hidden: 8 } } as const;
const use = { guided: true, spread: true };

const limits = { maxBufferSize: 2 ** 31, maxStorageBufferBindingSize: 2 ** 31 };
const adapter = { limits, isSoftware: true } as never;

/** The settings of a room in place of the small ones. */
const settings = (changes: Record<string, object>) =>
  parseConfig({
    ...changes,
    train: { ...small.train, ...changes.train },
    model: { ...small.model, ...changes.model },
  });

const refused: readonly (readonly [string, Record<string, object>, RegExp])[] = [
  [
    'a blur wider than the images',
    { masks: { sigma: 1e9 } },
    /masks\.sigma is 1000000000, but the images have 12×12 pixels.* at most 12\./,
  ],
  [
    'training for years',
    { train: { epochs: 1e9 } },
    /1,000,000,000, at least 140 days: got 12,000,000,000 training steps.*GFSR_MAX_TRAINING_STEPS=12000000000/,
  ],
  [
    'more segments than pixels',
    { masks: { segments: 100_000 } },
    /masks\.segments is 100,000.*at most 144/,
  ],
  [
    'more superpixels than pixels',
    { masks: { segments: 145, segmentation: 'slic' } },
    /masks\.segments is 145.*at most 144/,
  ],
  [
    'more concepts than segments',
    { masks: { segments: 16, concepts: 769 } },
    /masks\.concepts is 769, but only 768 segments/,
  ],
  [
    'more concepts than places of the default grid',
    { masks: { concepts: 433 } },
    /masks\.concepts is 433, but only 432 segments in all training images/,
  ],
  [
    'neither concepts nor a relevance network',
    { masks: { concepts: 0, relevanceNetwork: false } },
    /masks\.concepts is 0 and masks\.relevanceNetwork is false.*Use concepts, or the network\./,
  ],
];

for (const [what, changes, message] of refused) {
  test(`${what} is refused`, () => {
    assert.throws(() => checkSettings(settings(changes), dataset, use), message);
  });
}

test('the largest values that make sense are not', () => {
  const most = {
    masks: { sigma: 12, segments: 144, concepts: 6912 },
    train: { epochs: 8_000_000 },
  };
  checkSettings(settings(most), dataset, use);
  checkSettings(settings({ masks: { sigma: 1e9 } }), dataset, { guided: true, spread: false });
});

test('concepts are counted by the grid that divides the images: 16 × 16 places of 64 pixels', () => {
  const { train, ...shape } = { ...dataset, height: 64, width: 64 };
  const few = { ...shape, train: { ...train, count: 10 } };
  checkSettings(settings({ masks: { concepts: 2560 } }), few, use);
  assert.throws(
    () => checkSettings(settings({ masks: { concepts: 2561 } }), few, use),
    /only 2,560 segments/,
  );
  // SLIC makes 25 regions, which may be as small as a quarter.
  assert.throws(
    () => checkSettings(settings({ masks: { segmentation: 'slic', concepts: 1001 } }), few, use),
    /only 1,000 segments/,
  );
});

test('10^300 epochs are no number of epochs, 10^9 integration steps and annotators neither', () => {
  assert.throws(
    () => settings({ train: { epochs: 1e300 } }),
    /train\.epochs is 1e\+300, expected a whole/,
  );
  assert.throws(
    () => settings({ train: { epochs: 2 ** 53 } }),
    /is 9007199254740992, expected a whole number of at least 1\. Numbers of this size are not exact/,
  );
  assert.throws(
    () => settings({ saliency: { integrationSteps: 1e9 } }),
    /expected a whole number from 1 to 1000/,
  );
  assert.throws(
    () => settings({ annotation: { annotators: 1e9 } }),
    /expected a whole number from 1 to 1000/,
  );
});

test('weights that do not fit in memory are refused with their bytes', () => {
  const huge = settings({ model: { widths: [20_000, 20_000, 20_000] } });
  assert.throws(
    () => checkFits(adapter, huge, dataset, 8e9),
    /training 7,200,\d+,\d+ weights takes \d+,\d+,\d+,\d+ bytes of memory, but this machine has 8,000,000,000 free/,
  );
  checkFits(adapter, settings({}), dataset, 1e8);
});

test('a step that does not fit in memory is refused before it takes any', () => {
  const { used } = { used: gpu.pool.usedBytes };
  const config = settings({ train: { batchSize: 48 } });
  const loss = relevanceLossNamed('energy');
  checkModel(gpu, { config, dataset, loss });
  assert.is(gpu.pool.usedBytes, used, 'the check gives back what it took');
});

test('a loss that the architecture does not support is refused', () => {
  const config = settings({ model: { architecture: 'resnet18', stageWidth: 2 } });
  const loss = relevanceLossNamed('cdep');
  assert.throws(() => checkModel(gpu, { config, dataset, loss }), /decompos/);
  checkModel(gpu, { config, dataset });
});

test('settings of the masks that have no effect are said, where marks are spread', () => {
  const doubts = (masks: object, spread = true) =>
    doubtsAbout(settings({ masks }), { guided: true, spread }).join();
  assert.match(doubts({ conceptInputs: true, concepts: 0 }), /conceptInputs .* masks\.concepts 0/);
  assert.match(doubts({ perClass: true, concepts: 0 }), /perClass .* masks\.concepts 0/);
  assert.match(
    doubts({ conceptInputs: true, relevanceNetwork: false }),
    /conceptInputs .* without the relevance network/,
  );
  assert.match(
    doubts({ gamma: 2, saturation: 0 }),
    /gamma 2 has no effect with masks\.saturation 0/,
  );
  assert.is(doubts({ gamma: 2, saturation: 0 }, false), '');
  assert.is(doubts({ gamma: 2, conceptInputs: true, perClass: true }), '');
  assert.is(doubts({ saturation: 0, concepts: 0 }), '');
});

test('a guided part of a batch that is normalised by itself is said', () => {
  const doubts = (norm: 'batch' | 'none', guidedShare: number, architecture = 'small-cnn') =>
    doubtsAbout(settings({ model: { architecture, norm }, guidance: { guidedShare } }), use).join();
  assert.match(doubts('batch', 0.5), /guidedShare is 0\.5 with batch normalisation/);
  assert.match(doubts('none', 0.5, 'resnet18'), /normalised apart from the others/);
  assert.is(doubts('none', 0.5), '');
  assert.is(doubts('batch', 1), '');
  const plain = settings({ model: { norm: 'batch' }, guidance: { guidedShare: 0.5 } });
  assert.equal(doubtsAbout(plain, { guided: false, spread: false }), []);
});

test('a warm-up as long as training is said', () => {
  const long = settings({ guidance: { warmupEpochs: 7 }, train: { epochs: 7 } });
  assert.match(doubtsAbout(long, use).join(), /nothing is guided: the warm-up of 7 epochs/);
  assert.equal(doubtsAbout(long, { guided: false, spread: false }), []);
  assert.equal(
    doubtsAbout(settings({ guidance: { warmupEpochs: 6 }, train: { epochs: 7 } }), use),
    [],
  );
});

test('each of them in a file of settings is one line of a training, which writes nothing', async () => {
  const out = join(folder, 'hostile');
  const file = join(folder, 'hostile.json');
  const hostile: readonly (readonly [Record<string, object>, RegExp])[] = [
    [{ train: { epochs: 1e9 } }, /1,000,000,000, at least .* days/],
    [{ train: { epochs: 2 ** 53 } }, /9007199254740992/],
    [{ model: { widths: [20_000, 20_000, 20_000] } }, /7,200,\d+,\d+ weights/],
    [{ masks: { sigma: 1e300 } }, /masks\.sigma is 1e\+300, but the images have 12×12 pixels/],
    [
      { saliency: { source: 'integrated-gradients', integrationSteps: 1e9 } },
      /integrationSteps is 1000000000, expected a whole number from 1 to 1000/,
    ],
  ];
  for (const [changes, message] of hostile) {
    const train = { batchSize: 4, ...changes.train };
    writeFileSync(file, JSON.stringify({ data: { source: data }, ...changes, train }));
    const outcome = await gfsr(['train', '--config', file, '--out', out]);
    assert.is(outcome.code, 1, JSON.stringify(changes));
    assert.match(complaint(outcome), message);
    assert.not(existsSync(out));
  }
});

test('nothing is written, for train and compare alike', async () => {
  const out = join(folder, 'run');
  const flags = ['--batch-size', '4', '--widths', '20000,20000,20000', '--epochs', '7'];
  const train = await gfsr(['train', '--data', data, '--out', out, ...flags]);
  assert.is(train.code, 1);
  assert.match(complaint(train), /weights takes [\d,]+ bytes of memory/);
  assert.not(existsSync(out));
  const file = join(folder, 'lab.json');
  writeFileSync(
    file,
    JSON.stringify({
      settings: { data: { source: data }, train: { batchSize: 4 }, masks: { sigma: 1e9 } },
      variants: ['hint', 'energy'],
      seeds: [0],
    }),
  );
  const compare = await gfsr(['compare', '--config', file, '--out', out]);
  assert.is(compare.code, 1);
  assert.match(complaint(compare), /masks\.sigma/);
  assert.not(existsSync(out));
});

test.run();
