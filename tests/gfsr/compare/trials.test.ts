// Trial keys: each setting changes the keys that its declaration says it reaches, and no others.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseComparison } from '../../../gfsr/compare/comparison-file.ts';
import { listTrials } from '../../../gfsr/compare/trials.ts';
import { type Config, defaultConfig, withChanges } from '../../../gfsr/config/config.ts';
import {
  SETTINGS,
  type SettingInfo,
  settingValue,
  timedSettings,
} from '../../../gfsr/config/settings.ts';
import {
  ARCHITECTURES,
  architectureSettings,
  architecturesWith,
} from '../../../model/architectures.ts';

const spec = {
  variants: ['cross-entropy', { name: 'gfsr', controls: ['none', 'oracle'] }],
  seeds: [0],
};

/** Keys of cross-entropy, of guided training, and of the control that nobody annotates for. */
function keysOf(defaults: Config) {
  const [plain, guided, oracle] = listTrials(
    parseComparison(JSON.stringify(spec), 'lab'),
    defaults,
  );
  return { plain: plain.key, guided: guided.key, oracle: oracle.key, warm: guided.warmKey };
}

/** Another value that the setting takes. */
function another(setting: SettingInfo): unknown {
  const { declaration } = setting;
  const value = settingValue(defaultConfig, setting);
  switch (declaration.kind) {
    case 'boolean':
      return !value;
    case 'integer':
      return (value as number) + 1;
    case 'number':
      return (value as number) / 2 + 0.125;
    case 'integers':
      return [...(value as number[]), 7];
    case 'parts':
      return declaration.parts[0];
    case 'text':
      return `${value}-other`;
    case 'choice or file':
      return `other${declaration.extensions[0]}`;
    default:
      return declaration.choices.find((choice) => choice !== value && choice !== 'gfsr');
  }
}

/** Said by the comparison itself, so that another default changes nothing. */
const SAID = ['train.seed', 'train.baseline', 'guidance.loss'];

/** Settings with the architecture that has this setting. */
function withUser({ room, name }: SettingInfo): Config {
  const [architecture = defaultConfig.model.architecture] =
    room === 'model' ? architecturesWith(name as keyof typeof architectureSettings) : [];
  return withChanges(defaultConfig, { model: { architecture } });
}

for (const setting of SETTINGS.filter(({ path }) => !SAID.includes(path))) {
  const { room, name, path, declaration } = setting;
  test(`${path} changes the keys of ${declaration.reach}`, () => {
    const config = withUser(setting);
    const before = keysOf(config);
    const after = keysOf(withChanges(config, { [room]: { [name]: another(setting) } }));
    const { reach } = declaration;
    const changed = (key: keyof typeof before) => after[key] !== before[key];
    const guided = ['every arm', 'guided arm', 'marks'].includes(reach);
    // Where saliency is looked at decides every trial's figures.
    const looked = room === 'saliency';
    assert.is(changed('plain'), reach === 'every arm' || looked, 'cross-entropy');
    assert.is(changed('guided'), guided, 'guided');
    assert.is(changed('oracle'), guided && reach !== 'marks', 'oracle');
    assert.is(changed('warm'), reach === 'every arm' || path === 'guidance.warmupEpochs', 'warm');
  });
}

test('the warm start of trials that choose an epoch depends on where saliency is measured', () => {
  const of = (selection: 'last' | 'best', saliency: object) =>
    keysOf(withChanges(defaultConfig, { train: { selection }, saliency })).warm;
  assert.is.not(of('best', {}), of('best', { source: 'input-gradient' }));
  assert.is(of('last', {}), of('last', { source: 'input-gradient' }));
});

test('a setting of another architecture changes no key and no timing', () => {
  for (const architecture of ARCHITECTURES) {
    const config = withChanges(defaultConfig, { model: { architecture } });
    const others = SETTINGS.filter(
      ({ room, name }) =>
        Object.hasOwn(architectureSettings, name) &&
        room === 'model' &&
        !architecturesWith(name as keyof typeof architectureSettings).includes(architecture),
    );
    assert.ok(others.length > 0);
    for (const setting of others) {
      const changed = withChanges(config, { model: { [setting.name]: another(setting) } });
      assert.equal(keysOf(changed), keysOf(config), setting.path);
      assert.equal(timedSettings(changed, ['model']), timedSettings(config, ['model']));
    }
  }
});

test('what reaches nothing is said so of switches alone that change no bit', () => {
  const free = SETTINGS.filter(({ declaration }) => declaration.reach === 'nothing');
  assert.equal(
    free.map(({ path }) => path),
    ['data.cache', 'train.baseline', 'train.logEvery', 'train.eager'],
  );
});

test('another version of the code makes every trial another', () => {
  const keys = (code: string) =>
    listTrials(
      parseComparison(JSON.stringify(spec), 'lab'),
      defaultConfig,
      new Map(),
      code,
    ).flatMap(({ key, warmKey }) => [key, warmKey]);
  const [a, b] = [keys('a'), keys('b')];
  assert.ok(a.every((key) => !b.includes(key)));
});

test('every trial, and its warm start, depends on the content of pretrained weights', () => {
  const settings = { model: { init: 'a.safetensors' } };
  const keys = (hash: string) =>
    listTrials(
      parseComparison(JSON.stringify({ ...spec, settings }), 'lab'),
      defaultConfig,
      new Map([['a.safetensors', hash]]),
    ).flatMap(({ key, warmKey }) => [key, warmKey]);
  const [a, b] = [keys('a'), keys('b')];
  assert.ok(a.every((key) => !b.includes(key)));
});

test('the control oracle does not depend on the text of annotation files', () => {
  const settings = { annotation: { source: 'marks.json' } };
  const keys = (text: string) =>
    listTrials(
      parseComparison(JSON.stringify({ ...spec, settings }), 'lab'),
      defaultConfig,
      new Map([['marks.json', text]]),
    ).map(({ key }) => key);
  const [a, b] = [keys('a'), keys('b')];
  assert.equal(
    a.map((key, i) => key === b[i]),
    [true, false, true],
  );
});

test('conditions have different names, and shares are written as people do', () => {
  const variants = (all: unknown[]) =>
    listTrials(
      parseComparison(JSON.stringify({ variants: all, seeds: [0] }), 'lab'),
      defaultConfig,
    );
  const percent = variants(['cross-entropy', { name: 'gfsr', fractions: [0.07, 0.29, 0.1] }]);
  assert.equal(
    percent.map(({ condition }) => condition.label),
    ['cross-entropy', 'gfsr · 7 %', 'gfsr · 29 %', 'gfsr · 10 %'],
  );
  const control = { name: 'gfsr', controls: ['none', 'oracle'] };
  const same = { name: 'gfsr · oracle', guidance: { loss: 'gfsr', lambda: 3 } };
  assert.throws(
    () => variants(['cross-entropy', control, same]),
    /two conditions are called "gfsr · oracle", expected different names/,
  );
});

test.run();
