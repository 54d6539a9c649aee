// Masks as PNG: the number of a class counts, whatever its colour and however many bits it has.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readShapes } from '../../../../gfsr/annotation/exchange/exchange.ts';
import { shapeStrokes } from '../../../../gfsr/annotation/exchange/strokes.ts';
import { encodePng } from '../../../../gfsr/image/png-encode.ts';
import { chunk, IEND, idat, ihdr, png } from '../../../support/png.ts';

const BLACK = [0, 0, 0];
const RED = [255, 0, 0];
const GREEN = [0, 255, 0];
const WHITE = [255, 255, 255];

/** A mask of three pixels in a row: 0, 1 and 2. */
const indexed = (...colours: number[][]) =>
  png(ihdr(3, 1, 8, 3), chunk('PLTE', colours.flat()), idat([0, 0, 1, 2]), IEND);
const NAMES = 'background\nrelevant\nirrelevant\n';

/** Label, sign and run lengths of each shape, and the notes. */
async function read(bytes: Uint8Array, names?: string) {
  const list = { path: 'classes.txt', bytes: new TextEncoder().encode(names) };
  const files = [{ path: 'a.png', bytes }, ...(names === undefined ? [] : [list])];
  const { images, notes } = await readShapes(files, 'm', async () => undefined);
  const [{ shapes }] = images;
  const told = shapes.map((shape) => {
    const [{ sign, mask }] = shapeStrokes(shape);
    return `${shape.label} ${sign} ${mask?.counts}`;
  });
  return { told, notes };
}

const NAMED = ['relevant positive 1,1,1', 'irrelevant negative 2,1'];

test('entries of a palette are classes: with a colour twice, and with a first one that is not black', async () => {
  const padding = Array.from({ length: 253 }, () => BLACK);
  for (const mask of [
    indexed(BLACK, RED, GREEN),
    indexed(BLACK, RED, GREEN, ...padding),
    indexed(BLACK, BLACK, BLACK),
    indexed(WHITE, RED, GREEN),
    indexed(WHITE, BLACK, GREEN),
    Buffer.from([...indexed(WHITE, RED, GREEN), 1, 2, 3]),
  ]) {
    assert.equal(await read(mask, NAMES), { told: NAMED, notes: [] });
  }
});

test('a palette that a program sorted in its way, without names of classes: black is the background', async () => {
  assert.equal((await read(indexed(WHITE, BLACK, BLACK))).told, ['0 positive 0,1,2']);
  assert.equal((await read(indexed(WHITE, RED, RED))).told, ['1 positive 1,1,1', '2 positive 2,1']);
});

test('grey values are classes at every depth', async () => {
  const deep = png(ihdr(3, 1, 16, 0), idat([0, 0, 0, 0, 1, 0, 2]), IEND);
  for (const mask of [
    png(ihdr(3, 1, 2, 0), idat([0, 0b00_01_10_00]), IEND),
    png(ihdr(3, 1, 4, 0), idat([0, 0x01, 0x20]), IEND),
    encodePng({ width: 3, height: 1, channels: 1, data: Uint8Array.of(0, 1, 2) }),
    deep,
  ]) {
    assert.equal(await read(mask, NAMES), { told: NAMED, notes: [] });
  }
  const bits = png(ihdr(3, 1, 1, 0), idat([0, 0b010_00000]), IEND);
  assert.equal((await read(bits)).told, ['relevant positive 1,1,1']);
  assert.equal((await read(bits, 'background\nirrelevant\n')).told, ['irrelevant negative 1,1,1']);
});

test('a class without a name is told', async () => {
  const grey = encodePng({ width: 3, height: 1, channels: 1, data: Uint8Array.of(0, 1, 9) });
  const colour = encodePng({ width: 1, height: 1, channels: 3, data: Uint8Array.from(RED) });
  const notes = ['1 × class of a mask that classes.txt does not name, taken as relevant.'];
  assert.equal(await read(grey, NAMES), {
    told: ['relevant positive 1,1,1', '9 positive 2,1'],
    notes,
  });
  assert.equal((await read(colour, NAMES)).notes, notes);
  assert.equal((await read(grey)).notes, []);
});

test.run();
