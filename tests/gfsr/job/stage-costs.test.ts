// The time that a training has left: as measured before at first, and at its own speed as soon as that is known.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TimeLeft } from '../../../gfsr/job/stage-costs.ts';

const costs = { 'warm-start': 10, 'cross-entropy': 40, masks: 20, guided: 80, measuring: 10 };

function clocked() {
  let now = 0;
  const left = new TimeLeft(costs, () => now);
  const after = (seconds: number, ...note: Parameters<TimeLeft['note']>) => {
    now += seconds;
    left.note(...note);
  };
  return { left, after };
}

test('before anything is done, the measured costs add up', () => {
  const { left } = clocked();
  assert.is(left.seconds, 160);
  assert.is(left.share, 0);
});

test('a stage that runs twice as fast takes half of its cost, the other ones what was measured', () => {
  const { left, after } = clocked();
  after(0, 'warm-start', 0);
  after(2.5, 'warm-start', 0.5);
  assert.is(left.costs['warm-start'], 5);
  assert.is(left.seconds, 2.5 + 150);
  after(2.5, 'warm-start', 1);
  after(1, 'cross-entropy', 0.01);
  assert.is(left.costs['cross-entropy'], 40); // too early to tell
});

test('a resumed stage counts from where it was stopped', () => {
  const { left, after } = clocked();
  after(0, 'guided', 0.5);
  after(10, 'guided', 0.75);
  assert.is(left.costs.guided, 40);
  assert.is(left.shares.guided, 0.75);
});

test('measuring both arms is one stage with a pause between', () => {
  const { left, after } = clocked();
  after(0, 'measuring', 0);
  after(4, 'measuring', 0.5);
  after(1, 'guided', 0.5);
  after(1, 'guided', 1);
  after(6, 'measuring', 1);
  assert.is(left.costs.measuring, 10);
});

test.run();
