// The comparisons of our results: which are meant by a name, and what is said where their data cannot be had.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  namesMeantBy,
  openPublished,
  publishedNames,
} from '../../../gfsr/compare/published-comparisons.ts';

test('a name means one comparison, those of a data set, or all', () => {
  const all = publishedNames();
  assert.equal(namesMeantBy('all'), all);
  assert.equal(namesMeantBy('busi-text'), ['busi-text']);
  assert.equal(
    namesMeantBy('busi'),
    all.filter((name) => /^busi(-|$)/.test(name)),
  );
  assert.throws(
    () => namesMeantBy('pneumnia'),
    /unknown name pneumnia\. .*Expected all, or one of: /,
  );
  assert.throws(() => namesMeantBy(undefined), /needs a name\. Expected all/);
});

test('what is missing is told once for all comparisons that need it', async () => {
  const told: string[] = [];
  const { opened, missing } = await openPublished(
    ['busi', 'busi-text'],
    'no-such-folder',
    { quick: true },
    { onMissing: (name, why) => told.push(`${name}: ${why}`) },
  );
  assert.is(opened.length, 0);
  assert.is(missing.length, 1);
  assert.equal(told, [`busi: ${missing[0]}`]);
  assert.match(missing[0], /^BUSI: .*Put busi_128_trainval\.npz .* into no-such-folder/);
});

test.run();
