// What a page's training begins with: corrected classes, and what a quick one may choose from.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { serialiseAnnotations } from '../../../gfsr/annotation/annotations.ts';
import { loadDataset } from '../../../gfsr/data/load.ts';
import { prepareJob } from '../../../gfsr/job/job.ts';
import { newWork } from '../../../gfsr/serve/training-run.ts';
import { memoryFiles } from '../../../gfsr/store/stored-run.ts';
import { writeTiny } from '../../support/tiny-data.ts';

const folder = mkdtempSync(join(tmpdir(), 'gfsr-begins-'));
const source = writeTiny(folder);
const dataset = await loadDataset(source, {});
const { ids, labels } = dataset.train;
const other = dataset.classes[1 - labels[3]];
const annotations = serialiseAnnotations({
  ...{ format: 'gfsr-annotations', version: 1, dataset: dataset.name },
  annotations: [
    {
      ...{ image: ids[3], annotator: 'ann' },
      strokes: [
        {
          kind: 'box',
          sign: 'positive',
          points: [
            [1, 1],
            [11, 6],
          ],
        },
        { kind: 'class', sign: 'unknown', points: [], label: other },
      ],
    },
  ],
});
const filesOf = (model?: { widths: number[] }) => ({
  run: { ...memoryFiles(), clear: async () => {} },
  dataset: async () => dataset,
  settings: async () => ({ data: { source }, ...(model && { model }) }),
});
const widths = (work: Awaited<ReturnType<typeof newWork>>) =>
  work.choices?.map(({ model }) => model.widths);

test('the page and the command line train with the class that was corrected', async () => {
  const given = { annotations, isQuick: true };
  const file = join(folder, 'marks.json');
  writeFileSync(file, annotations);
  const job = await prepareJob({ data: { source }, annotation: { source: file } });
  for (const { dataset: trained } of [await newWork(filesOf(), given), job]) {
    assert.equal(
      [...trained.train.labels].flatMap((label, i) => (label === labels[i] ? [] : [i])),
      [3],
    );
    assert.equal(trained.val.labels, dataset.val.labels);
  }
});

test('a quick training may take fewer channels, unless somebody has chosen them or it is thorough', async () => {
  const quick = { annotations, isQuick: true };
  const [full, half, quarter] = widths(await newWork(filesOf(), quick)) ?? [];
  assert.equal(
    half,
    full.map((width) => width / 2),
  );
  assert.equal(
    quarter,
    full.map((width) => width / 4),
  );
  assert.equal(widths(await newWork(filesOf({ widths: [4, 8] }), quick)), [[4, 8]]);
  assert.equal(widths(await newWork(filesOf(), { ...quick, isQuick: false })), [full]);
});

test.run();
