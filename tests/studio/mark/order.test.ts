// Every image is offered once; the mixed order takes the classes in turn.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { imageOrder } from '../../../studio/mark/order.ts';

const LABELS = [0, 0, 0, 0, 1, 1, 2];

test('the order of the file is kept', () => {
  assert.equal(imageOrder(LABELS, 'file'), [0, 1, 2, 3, 4, 5, 6]);
});

test('the mixed order has every class in turn, every image once, and is always the same', () => {
  const order = imageOrder(LABELS, 'mixed');
  assert.equal(
    order.map((i) => LABELS[i]),
    [0, 1, 2, 0, 1, 0, 0],
  );
  assert.equal([...order].sort(), [0, 1, 2, 3, 4, 5, 6]);
  assert.equal(order, imageOrder(LABELS, 'mixed'));
});

test('the mixed order is no order of the file within a class', () => {
  const many = new Array(50).fill(0);
  assert.not.equal(imageOrder(many, 'mixed'), imageOrder(many, 'file'));
});

test('no images, no order', () => {
  assert.equal(imageOrder([], 'mixed'), []);
});

test.run();
