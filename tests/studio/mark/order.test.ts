// Every image is offered once; the mixed order takes the classes in turn, and the queue leaves what was seen in place.
import { signal } from '@preact/signals';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Course, imageOrder } from '../../../studio/mark/order.ts';

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

test('another class of one image moves no other image by more than one turn', () => {
  const many = Array.from({ length: 60 }, (_, i) => i % 3);
  const corrected = many.with(30, 1);
  const turns = (labels: number[], c: number) =>
    imageOrder(labels, 'mixed').filter((i) => labels[i] === c && i !== 30);
  for (const c of [0, 1, 2]) assert.equal(turns(corrected, c), turns(many, c));
  assert.not.equal(imageOrder(corrected, 'mixed'), imageOrder(many, 'mixed'));
});

test('the mixed order is no order of the file within a class', () => {
  const many = new Array(50).fill(0);
  assert.not.equal(imageOrder(many, 'mixed'), imageOrder(many, 'file'));
});

test('no images, no order', () => {
  assert.equal(imageOrder([], 'mixed'), []);
});

test('suggestions come after what was seen, with their reasons, and everything else after them', () => {
  const image = signal(4);
  const course = new Course(LABELS, image);
  const suggestion = (index: number) => ({ image: index, unsure: 0.5, kinds: 1 });
  course.choose('queue');
  course.suggest([suggestion(2), suggestion(6)]);
  assert.equal(course.images.value.slice(0, 3), [4, 2, 6]);
  assert.equal([...course.images.value].sort(), [0, 1, 2, 3, 4, 5, 6]);
  assert.match(course.reason(2) as string, /unsure in 50 % of the place; it holds 1 kind of place/);
  assert.is(course.reason(4), undefined);
  image.value = 2;
  image.value = 4; // back again: what was seen stays
  course.suggest([suggestion(5)]);
  assert.equal(course.images.value.slice(0, 3), [4, 2, 5]);
  assert.is(course.position.value, 0);
  course.choose('mixed');
  assert.equal(course.images.value, imageOrder(LABELS, 'mixed'));
  assert.is(course.reason(2), undefined);
});

test.run();
