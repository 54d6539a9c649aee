// Strokes of a pen on areas of known shape: through the middle, from end to end, inside, one for each part.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../engine/core/random.ts';
import { backgroundStroke, click, scribbles } from '../../../gfsr/annotation/drawn-strokes.ts';
import { rasteriseStroke } from '../../../gfsr/annotation/raster.ts';

const SIDE = 64;
const area = (inside: (x: number, y: number) => boolean) => ({
  inside: Uint8Array.from({ length: SIDE * SIDE }, (_, p) =>
    Number(inside(p % SIDE, Math.floor(p / SIDE))),
  ),
  height: SIDE,
  width: SIDE,
});
const random = () => new Random(0, 'pen');
const bar = area((x, y) => x >= 6 && x < 58 && y >= 20 && y < 32);

test('a stroke runs through the middle of a bar, from end to end, and the pen stays inside', () => {
  const [line, ...others] = scribbles(bar, random());
  assert.is(others.length, 0);
  const columns = line.points.map(([x]) => x);
  assert.ok(Math.max(...columns) - Math.min(...columns) > 40);
  const middle = line.points.filter(([x]) => x > 12 && x < 52);
  assert.ok(
    middle.every(([, y]) => Math.abs(y - 26) < 2.5),
    middle.map(([, y]) => y).join(),
  );
  const drawn = rasteriseStroke({ kind: 'scribble', sign: 'positive', ...line }, SIDE, SIDE);
  assert.is(
    drawn.findIndex((v, p) => v === 1 && bar.inside[p] === 0),
    -1,
  );
});

test('a bent area gets a bent stroke', () => {
  const bent = area((x, y) => (x < 10 && y < 60) || (y >= 50 && y < 60 && x < 60));
  const [{ points }] = scribbles(bent, random());
  assert.ok(points.some(([x, y]) => x < 10 && y < 15) || points.some(([x]) => x > 50));
  assert.ok(points.every(([x, y]) => bent.inside[Math.floor(y) * SIDE + Math.floor(x)] === 1));
  assert.ok(points.length > 30);
});

test('every large part gets its stroke, a speck gets none', () => {
  const lungs = area(
    (x, y) =>
      (y > 10 && y < 50 && ((x > 5 && x < 25) || (x > 35 && x < 55))) || (x === 62 && y === 62),
  );
  const lines = scribbles(lungs, random());
  assert.is(lines.length, 2);
  assert.ok(lines[0].points.every(([x]) => x < 25) && lines[1].points.every(([x]) => x > 35));
});

test('one pixel is enough for a scribble and for a click; a small area takes a fine pen', () => {
  const dot = area((x, y) => x === 30 && y === 40);
  for (const { points, radius } of [...scribbles(dot, random()), click(dot, random())]) {
    assert.equal(
      points.map(([x, y]) => [Math.floor(x), Math.floor(y)]),
      [[30, 40]],
    );
    assert.ok(radius > 0);
  }
  assert.ok(scribbles(dot, random())[0].radius < scribbles(bar, random())[0].radius);
});

test('a stroke on the background keeps clear of the area and of the edges; without room there is none', () => {
  const line = backgroundStroke(bar, random());
  assert.ok(line && line.points.length > 8);
  const drawn = rasteriseStroke(
    { kind: 'scribble', sign: 'negative', ...(line as NonNullable<typeof line>) },
    SIDE,
    SIDE,
  );
  assert.is(
    drawn.findIndex((v, p) => v === 1 && bar.inside[p] === 1),
    -1,
  );
  assert.is(drawn.slice(0, SIDE).includes(1), false);
  assert.is(
    backgroundStroke(
      area((x) => x > 2),
      random(),
    ),
    undefined,
  );
});

test.run();
