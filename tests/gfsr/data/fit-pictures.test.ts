// Images of different sizes in one folder: squares by every fit, and masks, marks and hashes that go along exactly.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MARK } from '../../../gfsr/annotation/marks.ts';
import { annotationPlanes } from '../../../gfsr/annotation/planes.ts';
import { simulateAnnotations } from '../../../gfsr/annotation/simulate.ts';
import type { Dataset } from '../../../gfsr/data/dataset.ts';
import { imageFolderDataset } from '../../../gfsr/data/image-folder.ts';
import { allBytes } from '../../../gfsr/data/pixels.ts';
import { fitImages } from '../../../gfsr/data/resize.ts';
import { singleImage } from '../../../gfsr/data/single-image.ts';
import { pixelHash } from '../../../gfsr/image/pixel-hash.ts';
import { type Fit, fitInto, placePoint } from '../../../gfsr/image/placement.ts';
import { encodePng } from '../../../gfsr/image/png-encode.ts';
import { failure } from '../../support/assertions.ts';

const SIZES = [
  [40, 60],
  [80, 50],
  [32, 32],
  [24, 96],
] as const;
const SIDE = 16;
const FITS: readonly Fit[] = ['resize', 'pad', 'crop'];
/** A black image with a white block of a tenth of its sides around its middle, and a little to the lower right. */
function blockOf([height, width]: readonly [number, number]) {
  const [x, y] = [Math.round(0.55 * width), Math.round(0.55 * height)];
  const half = [Math.ceil(height / 10), Math.ceil(width / 10)];
  const data = Uint8Array.from({ length: height * width }, (_, p) =>
    Math.abs(Math.floor(p / width) - y) < half[0] && Math.abs((p % width) - x) < half[1] ? 255 : 0,
  );
  return { x: x + 0.5, y: y + 0.5, data };
}

const files = new Map(
  SIZES.map((size, i) => [
    `${i}.png`,
    encodePng({ height: size[0], width: size[1], channels: 1, data: blockOf(size).data }),
  ]),
);
const manifest =
  'file,label,split,mask\n0.png,a,train,0.png\n1.png,b,train,1.png\n2.png,a,val,\n3.png,b,test,3.png\n';
const load = (fit: Fit | 'none', side = SIDE): Promise<Dataset> =>
  imageFolderDataset(manifest, (file) => files.get(file) as Uint8Array, {
    name: 'sizes',
    fit,
    side,
  });

test('image, mask and click at a known point are at the same pixel after every fit', async () => {
  for (const fit of FITS) {
    const dataset = await load(fit);
    assert.equal([dataset.height, dataset.width], [SIDE, SIDE]);
    const { train } = dataset;
    for (const [i, size] of SIZES.slice(0, 2).entries()) {
      const { x, y } = blockOf(size);
      const click = {
        kind: 'click' as const,
        sign: 'positive' as const,
        points: [[x, y] as [number, number]],
        radius: 1,
      };
      const file = {
        ...{ format: 'gfsr-annotations' as const, version: 1 as const, dataset: 'sizes' },
        annotations: [{ image: train.ids[i], annotator: 'me', strokes: [click] }],
      };
      const [px, py] = placePoint([x, y], fitInto(size, SIDE, fit));
      const pixel = Math.floor(py) * SIDE + Math.floor(px);
      const [plane] = annotationPlanes(file, dataset).get(i) ?? [];
      assert.is(plane[pixel], MARK.positive, `${fit} ${i}: mark`);
      assert.is(train.masks?.get(i)?.[pixel], 1, `${fit} ${i}: mask`);
      assert.ok(allBytes(train.images)[i * SIDE ** 2 + pixel] > 127, `${fit} ${i}: image`);
      // Where the mask is not, the mark is not either, except within the radius of the click.
      assert.is(plane[0], MARK.none);
      assert.is(allBytes(train.images)[i * SIDE ** 2], 0);
    }
  }
});

test('simulated marks are in the pixels of the files, and find the mask again', async () => {
  for (const fit of FITS) {
    const dataset = await load(fit);
    for (const kind of ['click', 'mask'] as const) {
      const file = simulateAnnotations(dataset, { fraction: 1, kind });
      const planes = annotationPlanes(file, dataset);
      for (const [i, [plane]] of planes) {
        const mask = dataset.train.masks?.get(i) as Uint8Array;
        const inMask = [...plane.keys()].filter((p) => plane[p] === MARK.positive && mask[p] === 1);
        assert.ok(inMask.length > 0, `${fit} ${kind} ${i}`);
        if (kind !== 'mask') continue;
        const own = file.annotations.find(({ image }) => image === dataset.train.ids[i]);
        assert.equal(own?.strokes[0].mask?.size, SIZES[i]);
      }
      assert.is(planes.size, 2);
    }
  }
});

test('hashes are those of the files, so the fit does not matter to them', async () => {
  const [a, b] = [await load('pad'), await load('crop')];
  const first = pixelHash(blockOf(SIZES[0]).data, [1, ...SIZES[0]]);
  assert.equal([a.train.hashes?.[0], b.train.hashes?.[0]], [first, first]);
});

test('what was done is said; what cannot be done is refused', async () => {
  assert.match(
    (await load('crop')).notes[0],
    /Made 16×16 pixels from images of several sizes, of which the middle/,
  );
  assert.match(
    await failure(load('none')),
    /1\.png: got 50 x 80 pixels, expected 60 x 40.*--fit crop/,
  );
  assert.match(
    await failure(load('pad', 0)),
    /data\.fit: pad makes squares, but of no size.*Add --side/,
  );
  const wrong = manifest.replace('train,1.png', 'train,0.png');
  const mask = imageFolderDataset(wrong, (file) => files.get(file) as Uint8Array, {
    ...{ name: 'sizes', fit: 'pad', side: 8 },
  });
  assert.match(await failure(mask), /mask 0\.png: got 60 x 40 pixels, expected 50 x 80/);
});

test('a data set of one size gives the same squares as its files do', async () => {
  const one = 'file,label,split,mask\n0.png,a,train,0.png\n0b.png,b,val,\n';
  const read = () => files.get('0.png') as Uint8Array;
  for (const fit of FITS) {
    const plain = await imageFolderDataset(one, read, { name: 'one' });
    const fitted = await imageFolderDataset(one, read, { name: 'one', fit, side: SIDE });
    const later = fitImages(plain, SIDE, fit);
    assert.equal(later.train.images, fitted.train.images);
    assert.equal(later.train.masks, fitted.train.masks);
    assert.equal(later.train.placements, fitted.train.placements);
    assert.is(fitImages(fitted, SIDE, fit), fitted);
  }
});

test('a single image of any size is explained as the training images were seen', async () => {
  const { train } = await load('crop');
  const one = await singleImage(
    files.get('0.png') as Uint8Array,
    { channels: 1, size: SIDE, fit: 'crop' },
    '0.png',
  );
  assert.equal(allBytes(one.images), allBytes(train.images).slice(0, SIDE ** 2));
});

test('white bars', async () => {
  const dataset = await imageFolderDataset(manifest, (file) => files.get(file) as Uint8Array, {
    ...{ name: 'sizes', fit: 'pad', side: SIDE, background: 'white' },
  });
  assert.is(allBytes(dataset.train.images)[0], 255);
});

test.run();
