// Settings as data: several owners in one list, none of which may take a name of another.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mergeSettings, type Settings } from '../../model/setting.ts';

const depth = { depth: { kind: 'integer', default: 3, help: 'blocks' } } as const;
const width = { width: { kind: 'integer', default: 8, help: 'channels' } } as const;

test('settings of several owners become one list', () => {
  assert.equal(mergeSettings({ vgg: depth, vit: width }), { ...depth, ...width });
});

test('owners may share a declaration', () => {
  assert.equal(mergeSettings({ vgg: depth, vit: { ...width, ...depth } }), { ...depth, ...width });
});

test('a name that two owners declare, or that is taken, is refused, even if both say the same', () => {
  const merge = (owners: Readonly<Record<string, Settings>>) => () =>
    mergeSettings(owners, ['size']);
  assert.throws(
    merge({ vgg: depth, vit: { ...width, depth: { ...depth.depth } } }),
    'mergeSettings: depth is a setting of vgg and of vit, expected one owner. Rename it in vit.',
  );
  assert.throws(
    merge({ vgg: { size: depth.depth } }),
    /size is a setting of every owner and of vgg, expected one owner/,
  );
});

test.run();
