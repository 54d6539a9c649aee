// Known data sets: found by the names of their files, the more exact name first, and never by half a name.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  catalog,
  knownClasses,
  knownDataset,
  publishedScores,
} from '../../../gfsr/data/catalog.ts';

test('files go by their data set, however they are written', () => {
  const entry = (name: string) => catalog.get(name);
  assert.is(knownDataset('pneumoniamnist_28'), entry('pneumoniamnist'));
  assert.is(knownDataset('BUSI_128_trainval'), entry('busi'));
  assert.is(knownDataset('dermamnist_28'), entry('dermamnist'));
  assert.is(knownDataset('dermamnist_corrected_28'), entry('dermamnist-c'));
  assert.is(knownDataset('decoy-mnist-cdep'), entry('decoy-mnist'));
  assert.is(knownDataset('leeds_butterfly_64_trainval'), entry('leeds-butterfly'));
  assert.is(knownDataset('brain_tumor_axial_128_trainval'), entry('brain-tumor-axial'));
  assert.is(knownDataset('busi_128_trainval+text'), entry('busi'));
  for (const other of ['busy', 'business', 'busi-of-2024', 'retinamnist-mine']) {
    assert.is(knownDataset(other), undefined, other);
    assert.equal(publishedScores(other), []);
  }
  assert.is(knownDataset('constructor'), undefined);
});

test('scores are those of the data as published, not of data with a shortcut planted by us', () => {
  assert.ok(publishedScores('dermamnist_c_subset_28').length > 0);
  assert.equal(publishedScores('dermamnist_28'), []);
  assert.equal(publishedScores('busi_128_trainval+text'), []);
});

test('class names are given to data that have no more classes', () => {
  assert.equal(knownClasses('busi_128', 3), ['benign', 'malignant', 'normal']);
  assert.equal(knownClasses('busi_128', 2)?.length, 3);
  assert.is(knownClasses('busi_128', 4), undefined);
});

test('every entry is whole: distinct classes, MD5 sums, scores in [0, 1] with a source', () => {
  for (const [name, { classes, file, scores = [] }] of catalog) {
    assert.is(new Set(classes).size, classes?.length ?? 0, name);
    assert.ok(file?.md5 === undefined || /^[0-9a-f]{32}$/.test(file.md5), name);
    for (const { accuracy, worst = 0, auc = 0, source } of scores) {
      assert.ok(
        [accuracy ?? auc, worst, auc].every((score) => score >= 0 && score <= 1),
        name,
      );
      assert.ok(accuracy !== undefined || auc > 0, name);
      assert.ok(source !== '', name);
    }
  }
});

test.run();
