// Keys find their actions, can be changed without losing one, and never take those that leave the page.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ACTION_NAMES,
  type Action,
  actionOf,
  DEFAULT_KEYS,
  type Keys,
  parseKeys,
  rebind,
  SCREEN_ACTIONS,
} from '../../../studio/mark/keys.ts';

const SCREENS = ['mark', 'see'] as const;

/** No key has two meanings on one screen. */
function expectDistinct(keys: Keys): void {
  for (const screen of SCREENS) {
    const used = SCREEN_ACTIONS[screen].map((action: Action) => keys[action]);
    assert.is(new Set(used).size, used.length, `${screen}: ${used.join(' ')}`);
  }
}

test('no two actions of a screen have the same key', () => expectDistinct(DEFAULT_KEYS));

test('upper and lower case differ only where both are used', () => {
  assert.is(actionOf(DEFAULT_KEYS, 'mark', { key: 'z' }), 'undo');
  assert.is(actionOf(DEFAULT_KEYS, 'mark', { key: 'Z' }), 'redo');
  assert.is(actionOf(DEFAULT_KEYS, 'mark', { key: 'X' }), 'avoid');
});

test('combinations with Ctrl, Alt and the system key belong to the browser', () => {
  for (const held of ['ctrlKey', 'altKey', 'metaKey']) {
    assert.is(actionOf(DEFAULT_KEYS, 'mark', { key: 'z', [held]: true }), undefined);
  }
  assert.is(actionOf(DEFAULT_KEYS, 'mark', { key: 'F1' }), undefined);
});

test('an action that loses its key gets the old key of the other', () => {
  const keys = rebind(DEFAULT_KEYS, 'look', 'x');
  assert.is(keys.look, 'x');
  assert.is(keys.avoid, ' ');
  expectDistinct(keys);
});

test('a key means what its screen says: N is the next image on Mark, and no on See', () => {
  for (const [screen, key, action] of [
    ['mark', 'n', 'next'],
    ['mark', 'r', 'boxTool'],
    ['see', 'n', 'wrongPlace'],
    ['see', 'y', 'rightPlace'],
    ['see', 'R', 'redoAnswer'],
    ['see', '?', 'help'],
    ['see', 'x', undefined],
  ] as const) {
    assert.is(actionOf(DEFAULT_KEYS, screen, { key }), action, `${screen} ${key}`);
  }
  const keys = rebind(DEFAULT_KEYS, 'rightPlace', 'n');
  assert.equal([keys.rightPlace, keys.wrongPlace, keys.next], ['n', 'y', 'n']);
});

test('whatever is given whatever key, no screen loses an action', () => {
  let keys = DEFAULT_KEYS;
  for (let i = 0; i < 500; i++) {
    const action = ACTION_NAMES[(i * 7) % ACTION_NAMES.length];
    const key = keys[ACTION_NAMES[(i * i + 3) % ACTION_NAMES.length]];
    keys = rebind(keys, action, key);
    assert.is(keys[action], key);
    expectDistinct(keys);
  }
});

test('Tab and Escape stay with the browser', () => {
  assert.is(rebind(DEFAULT_KEYS, 'look', 'Tab'), DEFAULT_KEYS);
  assert.is(rebind(DEFAULT_KEYS, 'look', 'Escape'), DEFAULT_KEYS);
});

test('stored keys are taken where they are keys', () => {
  assert.is(parseKeys('{"look":"q","avoid":7,"other":"w"}').look, 'q');
  assert.is(parseKeys('{"look":"q","avoid":7}').avoid, 'x');
  for (const broken of [null, '', '{', '[]', 'null', '7']) {
    assert.equal(parseKeys(broken), DEFAULT_KEYS);
  }
});

test.run();
