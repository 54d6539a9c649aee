// Keys find their actions, can be changed without losing one, and never take those that leave the page.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ACTION_NAMES,
  actionOf,
  DEFAULT_KEYS,
  parseKeys,
  rebind,
} from '../../../studio/mark/keys.ts';

test('no two actions have the same key', () => {
  assert.is(new Set(Object.values(DEFAULT_KEYS)).size, ACTION_NAMES.length);
});

test('upper and lower case differ only where both are used', () => {
  assert.is(actionOf(DEFAULT_KEYS, { key: 'z' }), 'undo');
  assert.is(actionOf(DEFAULT_KEYS, { key: 'Z' }), 'redo');
  assert.is(actionOf(DEFAULT_KEYS, { key: 'X' }), 'avoid');
});

test('combinations with Ctrl, Alt and the system key belong to the browser', () => {
  for (const held of ['ctrlKey', 'altKey', 'metaKey']) {
    assert.is(actionOf(DEFAULT_KEYS, { key: 'z', [held]: true }), undefined);
  }
  assert.is(actionOf(DEFAULT_KEYS, { key: 'F1' }), undefined);
});

test('an action that loses its key gets the old key of the other', () => {
  const keys = rebind(DEFAULT_KEYS, 'look', 'x');
  assert.is(keys.look, 'x');
  assert.is(keys.avoid, ' ');
  assert.is(new Set(Object.values(keys)).size, ACTION_NAMES.length);
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
