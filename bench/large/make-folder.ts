// Draws a large folder of JPEG images by class and split, and marks on a few of them. PNG files repeat 1,000 pictures.
//
//   node --conditions=gfsr-source --import tsx bench/large/make-folder.ts big --train 100000

import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { isMainThread, workerData } from 'node:worker_threads';
import { encode } from 'jpeg-js';
import { PNG } from 'pngjs';
import { Random } from '../../engine/core/random.ts';
import { startThread } from '../../gfsr/machine/thread.ts';
import { drawPicture, SHAPES, shapeOf } from './picture.ts';

/** Pictures that are drawn; the others are variants of them. */
const BASES = 1000;

interface Order {
  readonly folder: string;
  readonly side: number;
  readonly kind: string;
  readonly quality: number;
  /** Number of images of each split. */
  readonly splits: Readonly<Record<string, number>>;
  readonly threads: number;
}

async function main(): Promise<void> {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...{ train: text('100000'), val: text('1000'), test: text('5000'), marked: text('10') },
      ...{ side: text('224'), kind: text('jpg'), quality: text('80') },
    },
  });
  const [folder = 'large-folder'] = positionals;
  const splits = Object.fromEntries(
    (['train', 'val', 'test'] as const).map((split) => [split, Number(values[split])]),
  );
  const [side, quality, threads] = [
    Number(values.side),
    Number(values.quality),
    availableParallelism(),
  ];
  for (const split of Object.keys(splits)) {
    for (const shape of SHAPES) mkdirSync(join(folder, split, shape), { recursive: true });
  }
  const order: Order = { folder, side, kind: values.kind, quality, splits, threads };
  const began = performance.now();
  await Promise.all(
    Array.from({ length: threads }, (_, thread) => {
      const worker = startThread(import.meta.url, { workerData: { order, thread } });
      return new Promise((resolve, reject) => worker.on('error', reject).on('exit', resolve));
    }),
  );
  const annotations = Array.from({ length: Number(values.marked) }, (_, i) => {
    const { shape, x, y } = drawPicture(i, side);
    const points = [[x, y]];
    const strokes = [{ kind: 'click', sign: 'positive', points }];
    return { image: fileOf('train', shape, i, order.kind), annotator: 'drawn', strokes };
  });
  const dataset = basename(folder);
  const marks = { format: 'gfsr-annotations', version: 1, dataset, annotations };
  writeFileSync(`${folder}-marks.json`, JSON.stringify(marks));
  console.log(`drawn in ${Math.round((performance.now() - began) / 1000)} s`);
}

function fileOf(split: string, shape: string, number: number, kind: string): string {
  return `${split}/${shape}/${String(number).padStart(7, '0')}.${kind}`;
}

/** Every n-th picture. Numbers go on from split to split, so no picture occurs twice. */
function draw({ folder, side, kind, quality, splits, threads }: Order, thread: number): void {
  const pictures = new Map<number, Uint8Array>();
  let first = 0;
  for (const [split, count] of Object.entries(splits)) {
    for (let number = first + thread; number < first + count; number += threads) {
      const base = number % BASES;
      const picture =
        pictures.get(base) ?? encoded(drawPicture(base, side).rgba, side, kind, quality);
      pictures.set(base, picture);
      const file = join(folder, fileOf(split, shapeOf(base), number, kind));
      writeFileSync(file, kind === 'jpg' ? variant(picture, number) : picture);
    }
    first += count;
  }
}

function encoded(rgba: Uint8Array, side: number, kind: string, quality: number): Uint8Array {
  const data = Buffer.from(rgba);
  if (kind === 'jpg') return encode({ data, width: side, height: side }, quality).data;
  const png = new PNG({ width: side, height: side });
  png.data = data;
  return PNG.sync.write(png, { colorType: 2 });
}

/** The same coefficients under a quantisation table of its own, which gives other pixels without encoding anew. */
function variant(picture: Uint8Array, number: number): Uint8Array {
  const out = picture.slice();
  const random = new Random(number, 'quantisation');
  const table = out.findIndex((byte, i) => byte === 0xff && out[i + 1] === 0xdb) + 5;
  for (const start of [table, table + 65]) {
    for (let i = start; i < start + 16; i++) out[i] = Math.max(1, out[i] + random.int(3) - 1);
  }
  return out;
}

if (isMainThread) await main();
else draw(workerData.order, workerData.thread);
