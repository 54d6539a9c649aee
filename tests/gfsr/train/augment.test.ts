// Augmentation: moves by hand, on images and on coarser masks, and that the seed decides them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type AffineTransform,
  applyLight,
  applyTransforms,
  drawTransforms,
} from '../../../gfsr/train/augment.ts';

const IDENTITY: AffineTransform = {
  ...{ flip: false, vflip: false, down: 0, right: 0 },
  ...{ angle: 0, zoom: 1, gain: 1, offset: 0 },
};

const moved = (values: number[], move: object, size: [number, number]) => {
  const planes = Float32Array.from(values);
  applyTransforms(planes, [{ ...IDENTITY, ...move }], size);
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

test('mirrors top to bottom', () => {
  assert.equal(moved([1, 2, 3, 4, 5, 6], { vflip: true }, [3, 2]), [5, 6, 3, 4, 1, 2]);
});

test('turns clockwise about the middle, after mirroring and before shifting', () => {
  const close = (got: number[], expected: number[]) =>
    got.forEach((value, i) => {
      assert.ok(Math.abs(value - expected[i]) < 1e-5, `${got} is not ${expected}`);
    });
  const [image, angle] = [[1, 2, 3, 4, 5, 6, 7, 8, 9], Math.PI / 2];
  close(moved(image, { angle }, [3, 3]), [7, 4, 1, 8, 5, 2, 9, 6, 3]);
  close(moved(image, { angle, flip: true }, [3, 3]), [9, 6, 3, 8, 5, 2, 7, 4, 1]);
  close(moved(image, { angle, vflip: true }, [3, 3]), [1, 4, 7, 2, 5, 8, 3, 6, 9]);
  close(moved(image, { angle, down: 1 / 3 }, [3, 3]), [7, 4, 1, 7, 4, 1, 8, 5, 2]);
  close(moved(image, { angle, right: 1 / 3 }, [3, 3]), [7, 7, 4, 8, 8, 5, 9, 9, 6]);
});

test('enlarges about the middle, between pixels bilinearly', () => {
  assert.equal(moved([0, 4, 8, 12], { zoom: 2 }, [1, 4]), [3, 5, 7, 9]);
  assert.equal(moved([0, 4, 8, 12], { zoom: 0.5 }, [1, 4]), [0, 2, 10, 12]);
});

test('changes the light of images, of each by its own gain and offset', () => {
  const images = Float32Array.of(1, 2, 3, 4);
  applyLight(images, [IDENTITY, { ...IDENTITY, gain: 2, offset: -1 }]);
  assert.equal([...images], [1, 2, 5, 7]);
  assert.equal(moved([1, 2], { gain: 2, offset: 1 }, [1, 2]), [1, 2]);
});

test('each image by its own move', () => {
  const planes = Float32Array.of(1, 2, 3, 4);
  applyTransforms(planes, [IDENTITY, { ...IDENTITY, flip: true }], [1, 2]);
  assert.equal([...planes], [1, 2, 4, 3]);
});

test('draws whole pixels within 1/14 of the side, both ways, and flips half', () => {
  const moves = drawTransforms('flip-shift', 400, 28, 0, '0/0');
  const shifts = new Set(
    moves.flatMap(({ down, right }) => [down * 28, right * 28].map(Math.round)),
  );
  assert.equal(
    [...shifts].sort((a, b) => a - b),
    [-2, -1, 0, 1, 2],
  );
  const flips = moves.filter(({ flip }) => flip).length;
  assert.ok(flips > 160 && flips < 240, `${flips}`);
  assert.ok(
    drawTransforms('flip', 9, 28, 0, 'a').every(({ down, right }) => down === 0 && right === 0),
  );
  assert.not(drawTransforms('shift', 99, 28, 0, 'a').some(({ flip }) => flip));
});

test('turns, scales and lights within bounds, on both sides, and only where asked', () => {
  const moves = drawTransforms('rotate-zoom-light', 400, 28, 0, '0/0');
  const bounds = { angle: [-Math.PI / 18, Math.PI / 18], zoom: [Math.exp(-0.1), Math.exp(0.1)] };
  const ranges = Object.entries({ ...bounds, gain: [0.8, 1.2], offset: [-0.2, 0.2] });
  for (const [name, [least, most]] of ranges) {
    const values = moves.map((move) => move[name as 'angle']);
    const [low, high, room] = [Math.min(...values), Math.max(...values), (most - least) / 20];
    assert.ok(low >= least && low < least + room, `${name} from ${low}`);
    assert.ok(high <= most && high > most - room, `${name} to ${high}`);
  }
  const others = { flip: false, vflip: false, down: 0, right: 0 };
  for (const move of moves) assert.equal({ ...move, ...others }, move);
  const mirrored = drawTransforms('vflip', 400, 28, 0, '0/0').filter(({ vflip }) => vflip).length;
  assert.ok(mirrored > 160 && mirrored < 240, `${mirrored}`);
  assert.equal(drawTransforms('none', 1, 28, 0, 'a'), [IDENTITY]);
});

test('knows its parts', () => {
  for (const text of ['none', 'flip', 'flip-shift', 'light-vflip']) {
    drawTransforms(text, 1, 28, 0, 'a');
  }
  for (const text of ['', 'spin', 'flip-', 'flip-flip', 'none-flip', 'flip shift']) {
    assert.throws(
      () => drawTransforms(text, 1, 28, 0, 'a'),
      /augment: got .*, expected none, or different ones of flip/,
    );
  }
});

test('the same seed and batch, the same moves', () => {
  const draw = (seed: number, stream: string) => drawTransforms('flip-shift', 8, 28, seed, stream);
  assert.equal(draw(3, '1/64'), draw(3, '1/64'));
  assert.not.equal(draw(3, '1/64'), draw(3, '1/128'));
  assert.not.equal(draw(3, '1/64'), draw(4, '1/64'));
});

test.run();
