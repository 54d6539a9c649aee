// Augmentation: moves by hand, on images and on coarser masks, and that the seed decides them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { applyMoves, drawMoves } from '../../gfsr/augment.ts';

const STILL = { flip: false, down: 0, right: 0 };
const moved = (values: number[], move: object, size: [number, number]) => {
  const planes = Float32Array.from(values);
  applyMoves(planes, [{ ...STILL, ...move }], size);
  return [...planes];
};

test('mirrors left to right, every plane of an image', () => {
  assert.equal(moved([1, 2, 3, 4, 5, 6], { flip: true }, [1, 3]), [3, 2, 1, 6, 5, 4]);
});

test('shifts by whole pixels and repeats the edge', () => {
  const image = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  assert.equal(moved(image, { down: 1 / 3 }, [3, 3]), [1, 2, 3, 1, 2, 3, 4, 5, 6]);
  assert.equal(moved(image, { right: -1 / 3 }, [3, 3]), [2, 3, 3, 5, 6, 6, 8, 9, 9]);
});

test('first mirrors, then shifts', () => {
  assert.equal(moved([1, 2, 3, 4], { flip: true, right: 1 / 4 }, [1, 4]), [4, 4, 3, 2]);
});

test('a coarse mask moves by the same share of its side', () => {
  assert.equal(moved([0, 0, 1, 0], { right: 1 / 8 }, [1, 4]), [0, 0, 0.5, 0.5]); // one of eight pixels
});

test('each image by its own move', () => {
  const planes = Float32Array.of(1, 2, 3, 4);
  applyMoves(planes, [STILL, { ...STILL, flip: true }], [1, 2]);
  assert.equal([...planes], [1, 2, 4, 3]);
});

test('draws whole pixels within 1/14 of the side, both ways, and flips half', () => {
  const moves = drawMoves('flip-shift', 400, 28, 0, '0/0');
  const shifts = new Set(
    moves.flatMap(({ down, right }) => [down * 28, right * 28].map(Math.round)),
  );
  assert.equal(
    [...shifts].sort((a, b) => a - b),
    [-2, -1, 0, 1, 2],
  );
  const flips = moves.filter(({ flip }) => flip).length;
  assert.ok(flips > 160 && flips < 240, `${flips}`);
  assert.ok(drawMoves('flip', 9, 28, 0, 'a').every(({ down, right }) => down === 0 && right === 0));
  assert.not(drawMoves('shift', 99, 28, 0, 'a').some(({ flip }) => flip));
});

test('the same seed and batch, the same moves', () => {
  const draw = (seed: number, stream: string) => drawMoves('flip-shift', 8, 28, seed, stream);
  assert.equal(draw(3, '1/64'), draw(3, '1/64'));
  assert.not.equal(draw(3, '1/64'), draw(3, '1/128'));
  assert.not.equal(draw(3, '1/64'), draw(4, '1/64'));
});

test.run();
