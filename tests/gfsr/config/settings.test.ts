// Declarations: each default is one that its setting takes, and flags follow from them by one rule.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ROOM_NAMES, ROOMS } from '../../../gfsr/config/config.ts';
import { SETTINGS, type SettingInfo } from '../../../gfsr/config/settings.ts';
import { isValue } from '../../../model/setting.ts';

const flagOf = (path: string) => SETTINGS.find((setting) => setting.path === path)?.flag;

test('every setting of every room is listed, takes its default, and has a line of help', () => {
  const paths = ROOM_NAMES.flatMap((room) => Object.keys(ROOMS[room]).map((n) => `${room}.${n}`));
  assert.equal(
    SETTINGS.map(({ path }) => path),
    paths,
  );
  for (const { path, declaration } of SETTINGS) {
    assert.ok(isValue(declaration, declaration.default), path);
    assert.match(declaration.help, /^[^\n]*[^\n.]$/, path);
  }
});

test('a flag is the short name where that is unique, else room and name, unless it is named', () => {
  assert.is(flagOf('train.batchSize'), 'batch-size');
  assert.is(flagOf('annotation.target'), 'annotation-target');
  assert.is(flagOf('saliency.target'), 'target');
  assert.is(flagOf('data.source'), 'data');
  assert.is(flagOf('annotation.source'), 'annotations');
  const short = ({ name }: SettingInfo) => SETTINGS.filter((o) => o.name === name).length === 1;
  for (const setting of SETTINGS) {
    const { room, name, flag, declaration } = setting;
    const given = declaration.flag ?? (short(setting) ? name : `${room}-${name}`);
    assert.is(
      flag,
      given.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`),
    );
  }
});

test('no two settings have the same flag', () => {
  const flags = SETTINGS.map(({ flag }) => flag);
  assert.equal(
    flags.filter((flag, i) => flags.indexOf(flag) < i),
    [],
  );
});

test('the flags that people know are still there', () => {
  const known =
    'data window background axis slices shortcut shortcut-strength limit side seed baseline architecture widths hidden head norm dropout stem ' +
    'epochs batch-size optimizer lr schedule weight-decay sampling class-loss focal-gamma augment ema eager loss ' +
    'lambda source layer method sign target detach-alpha warmup-epochs ramp-epochs refresh-epochs guided-share ' +
    'annotations annotated-fraction annotation-kind annotation-target annotators annotator-error segmentation ' +
    'segments compactness concepts per-class relevance-network sigma saturation';
  const flags = new Set(SETTINGS.map(({ flag }) => flag));
  for (const flag of known.split(' ')) assert.ok(flags.has(flag), flag);
});

test.run();
