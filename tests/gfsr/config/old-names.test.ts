// Files from when settings were a flat list: each name has a place now, and their values arrive there.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultConfig } from '../../../gfsr/config/config.ts';
import { inModelRoom, inRooms, pathOfOldName } from '../../../gfsr/config/old-names.ts';
import { parseConfig } from '../../../gfsr/config/parse.ts';
import { SETTINGS } from '../../../gfsr/config/settings.ts';

/** Every setting of that time, as its files have them. */
const FLAT =
  'data shortcut shortcutStrength limit side seed baseline architecture widths hidden head norm dropout stem width ' +
  'epochs batchSize optimizer lr schedule weightDecay sampling classLoss focalGamma augment ema eager loss lambda ' +
  'source layer method sign target steps detachAlpha warmupEpochs rampEpochs refreshEpochs guidedShare annotations ' +
  'annotatedFraction annotationKind annotationTarget annotators annotatorError segmentation segments compactness ' +
  'concepts perClass relevanceNetwork sigma saturation';

test('every name of the flat list has a place of its own', () => {
  const paths = FLAT.split(' ').map(pathOfOldName);
  assert.is(new Set(paths).size, FLAT.split(' ').length);
  const known = new Set(SETTINGS.map(({ path }) => path));
  for (const path of paths) assert.ok(known.has(path as string), path);
  assert.is(pathOfOldName('integrationStep'), undefined);
});

test('flat settings are put into their rooms; settings in rooms stay', () => {
  const flat = { data: 'x.npz', steps: 4, annotationTarget: 'rim', target: 'label', width: 8 };
  const config = parseConfig(inRooms(flat));
  assert.is(config.data.source, 'x.npz');
  assert.equal([config.saliency.integrationSteps, config.saliency.target], [4, 'label']);
  assert.equal([config.annotation.target, config.model.stageWidth], ['rim', 8]);
  assert.equal(parseConfig(inRooms({ train: { epochs: 3 } })).train.epochs, 3);
  assert.equal(parseConfig(inRooms({ ...defaultConfig })), defaultConfig);
});

test('a flat setting that never was is named', () => {
  assert.throws(() => parseConfig(inRooms({ epochs: 3, colour: 1 })), /unknown key colour/);
});

test('a classifier of that time has the names of today', () => {
  const old = { architecture: 'resnet18', channels: 3, classes: 2, size: 28, width: 64 };
  const { width, ...rest } = old;
  assert.equal(inModelRoom(old), { ...rest, stageWidth: width });
});

test.run();
