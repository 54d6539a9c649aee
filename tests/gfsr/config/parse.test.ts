// What is said of settings that are wrong: the place, what was got, what is taken, and the name that was meant.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultConfig } from '../../../gfsr/config/config.ts';
import { parseConfig, parseConfigFile } from '../../../gfsr/config/parse.ts';

test('completes settings by the defaults', () => {
  const { train, masks } = parseConfig({ train: { epochs: 3 }, masks: {} });
  assert.equal(train, { ...defaultConfig.train, epochs: 3 });
  assert.equal(masks, defaultConfig.masks);
});

const refused: readonly [string, object, RegExp][] = [
  ['an old key', { epochs: 20 }, /^config: epochs is now train\.epochs\.$/],
  ['an old key that is a room now', { data: 'x.npz' }, /^config: data is now data\.source\.$/],
  [
    'an old key with a new name',
    { steps: 4 },
    /^config: steps is now saliency\.integrationSteps\.$/,
  ],
  [
    'an old key in its room',
    { saliency: { steps: 4 } },
    /saliency\.steps is now saliency\.integrationSteps\.$/,
  ],
  ['an unknown key', { trian: { epochs: 3 } }, /unknown key trian\. Did you mean train\?$/],
  ['an old key with a typo', { lamda: 3 }, /unknown key lamda\. Did you mean guidance\.lambda\?$/],
  [
    'a key like no other',
    { xyzzyplugh: 3 },
    /unknown key xyzzyplugh\. Expected data, model, train/,
  ],
  [
    'an unknown setting',
    { train: { epoch: 3 } },
    /unknown setting train\.epoch\. Did you mean train\.epochs\?$/,
  ],
  [
    'a setting in another room',
    { train: { layer: 'last' } },
    /train\.layer\. Did you mean saliency\.layer\?$/,
  ],
  [
    'a room that is no object',
    { train: 3 },
    /^config: train is 3, expected an object of settings\.$/,
  ],
  ['a prototype', JSON.parse('{"constructor": {}}'), /unknown key constructor/],
  [
    'a fraction of an epoch',
    { train: { epochs: 1.5 } },
    /train\.epochs is 1\.5, expected a whole number of at least 1\.$/,
  ],
  ['too little', { train: { lr: 0 } }, /train\.lr is 0, expected a number above 0\.$/],
  [
    'too much',
    { model: { dropout: 1 } },
    /model\.dropout is 1, expected a number of at least 0 and below 1\.$/,
  ],
  ['no number', { train: { lr: Number.NaN } }, /train\.lr is NaN, expected a number/],
  ['a text for a number', { train: { lr: 'fast' } }, /train\.lr is "fast", expected a number/],
  [
    'a text for a switch',
    { train: { eager: 'yes' } },
    /train\.eager is "yes", expected true or false\.$/,
  ],
  [
    'an empty list',
    { model: { widths: [] } },
    /model\.widths is \[\], expected 1 to 16 whole numbers from 1 to 65536\.$/,
  ],
  [
    'another choice',
    { saliency: { sign: 'abz' } },
    /saliency\.sign is "abz", expected signed, relu, abs\. Did you mean abs\?$/,
  ],
  [
    'an unknown loss',
    { guidance: { loss: 'enrgy' } },
    /guidance\.loss is "enrgy", expected gfsr, .* or a file .* Did you mean energy\?$/,
  ],
  [
    'an unknown part',
    { train: { augment: 'flop' } },
    /train\.augment is "flop", expected none, or different ones of flip.* Did you mean flip\?$/,
  ],
  ['a part twice', { train: { augment: 'flip-flip' } }, /train\.augment is "flip-flip"/],
];
for (const [what, settings, message] of refused) {
  test(`${what} is refused`, () => {
    assert.throws(
      () => parseConfig(settings),
      (error: unknown) => error instanceof RangeError && message.test(error.message),
    );
  });
}

test('a loss may be a file, and augmentation some of its parts', () => {
  const { guidance, train } = parseConfig({
    guidance: { loss: './my-loss.ts' },
    train: { augment: 'light-vflip' },
  });
  assert.equal([guidance.loss, train.augment], ['./my-loss.ts', 'light-vflip']);
});

test('a file must be an object of rooms; its values are checked once flags are over it', () => {
  assert.equal(parseConfigFile('{"train": {"lr": "fast"}}'), { train: { lr: 'fast' } });
  const says = (text: string, message: RegExp) =>
    assert.throws(() => parseConfigFile(text, 'job.json'), message);
  says('[1]', /^job\.json: got \[1\], expected an object of settings\.$/);
  says('{"seed": 3}', /^job\.json: seed is now train\.seed\.$/);
  says(
    '{"train": {"sead": 3}}',
    /^job\.json: unknown setting train\.sead\. Did you mean train\.seed\?$/,
  );
});

test.run();
