// Numbers beside pixels that lie on a disk are those in memory, and masks that are made of them the same bytes.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MARK } from '../../../gfsr/annotation/marks.ts';
import { parseConfig } from '../../../gfsr/config/parse.ts';
import type { Dataset } from '../../../gfsr/data/dataset.ts';
import { loadDataset } from '../../../gfsr/data/load.ts';
import { StoredPixels } from '../../../gfsr/data/pixels.ts';
import { fileScratch } from '../../../gfsr/data/prepared/file-values.ts';
import { allValues, blocksOf, derivedValues } from '../../../gfsr/data/values.ts';
import { joinBytes } from '../../../gfsr/files/join-bytes.ts';
import { encodePng } from '../../../gfsr/image/png-encode.ts';
import { buildMasks } from '../../../gfsr/masks/masks.ts';
import { prepareSegments } from '../../../gfsr/masks/prepare.ts';
import { supervisionParts } from '../../../gfsr/store/checkpoint-file.ts';
import { Trainer } from '../../../gfsr/train/trainer.ts';
import { testGpu } from '../../support/gpu.ts';

const home = mkdtempSync(join(tmpdir(), 'gfsr-values-'));
process.env.GFSR_CACHE = join(home, 'cache');
test.after(() => rmSync(home, { recursive: true, force: true }));
const SIDE = 16;

function writeFolder(): string {
  const folder = join(home, 'plain');
  for (let i = 0; i < 40; i++) {
    const data = Uint8Array.from(
      { length: SIDE * SIDE * 3 },
      (_, p) => (p * 7 + i * 31 + (i % 2) * ((p >> 5) % 90)) % 256,
    );
    const at = join(folder, i < 24 ? 'train' : i < 32 ? 'val' : 'test', i % 2 ? 'odd' : 'even');
    mkdirSync(at, { recursive: true });
    const image = { width: SIDE, height: SIDE, channels: 3 as const, data };
    writeFileSync(join(at, `${i}.png`), encodePng(image));
  }
  return folder;
}

test('a file without a name gives back what was appended, and is gone', () => {
  const folder = join(home, 'scratch');
  const scratch = fileScratch(folder);
  scratch.append(Float32Array.of(1, 2, 3, 4));
  scratch.append(Float32Array.of(5, 6));
  const values = scratch.read();
  assert.equal([...values.subarray(2, 6)], [3, 4, 5, 6]);
  const doubled = derivedValues(values, { before: 2, after: 1 }, (rows) =>
    Float32Array.from({ length: rows.length / 2 }, (_, i) => rows[2 * i] + rows[2 * i + 1]),
  );
  assert.equal(
    [...blocksOf(doubled, 1)].map(({ first, block }) => [first, ...block]),
    [[0, 3, 7, 11]],
  );
  assert.throws(() => values.subarray(4, 8), /ends before value 8 of 6/);
  scratch.close?.();
  scratch.close?.();
  assert.equal(readdirSync(folder), []);
});

for (const segmentation of ['grid', 'slic'] as const) {
  test(`masks of images on a disk are those of images in memory: ${segmentation}`, async () => {
    const folder = writeFolder();
    const gpu = await testGpu();
    const config = parseConfig({
      model: { widths: [4, 6] },
      train: { batchSize: 8, epochs: 1 },
      masks: { segmentation, segments: 9, concepts: 5 },
    });
    const made = async (dataset: Dataset) => {
      const trainer = new Trainer(gpu, { dataset, config });
      const marks = Uint8Array.from({ length: SIDE * SIDE }, (_, p) =>
        p % SIDE < 5 ? MARK.positive : MARK.none,
      );
      const annotations = new Map([0, 5, 9].map((image) => [image, [marks]]));
      const options = { ...config.masks, seed: 3, networkSteps: 20 };
      const size = trainer.maskSize;
      const masks = await buildMasks(gpu, trainer.evaluator, dataset, annotations, options, size);
      await trainer.dispose();
      return masks;
    };
    const stored = await loadDataset(folder, { cache: 'always' });
    assert.ok(stored.train.images instanceof StoredPixels);
    const [there, here] = [
      await made(stored),
      await made(await loadDataset(folder, { cache: 'never' })),
    ];
    assert.not.instance(there.masks, Float32Array);
    assert.instance(here.masks, Float32Array);
    assert.equal(allValues(there.masks), allValues(here.masks));
    const file = ({ weights }: typeof here, masks: typeof here.masks) =>
      joinBytes([
        ...supervisionParts({ masks: { ...here, weights, masks }, lossBalance: 1, step: 0 }),
      ]);
    assert.equal(file(there, there.masks), file(here, here.masks));
    assert.equal(there.weights, here.weights);
    assert.equal(there.concepts, here.concepts);
    assert.equal(there.quality, here.quality);
  });
}

test('segments of images on a disk keep no numbers per pixel or descriptor in memory', async () => {
  const dataset = await loadDataset(writeFolder(), { cache: 'always' });
  const settings = parseConfig({ masks: { segmentation: 'slic', segments: 9 } }).masks;
  const options = { ...settings, features: 'none' as const, concepts: 5, seed: 0 };
  const { segments, segmentations } = await prepareSegments(undefined, dataset, options);
  assert.not.instance(segments.h, Float32Array);
  assert.not.instance(segments.clustering?.q, Float32Array);
  const [{ labels }] = segmentations;
  assert.is.not(segmentations[0].labels, labels);
  assert.equal(segmentations[0].labels, labels);
  segments.close?.();
});

test.run();
