// The order of trials among workers: no warm start twice, and a few attempts for a trial whose workers die.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ATTEMPTS, Schedule } from '../../../gfsr/workers/schedule.ts';

const trials = ['a1', 'a2', 'b1', 'b2'].map((key) => ({ key, warmKey: key[0] }));

test('trials wait for the one that makes their warm start, and others go first', () => {
  const schedule = new Schedule(trials);
  const a1 = schedule.take();
  const b1 = schedule.take();
  assert.equal([a1?.key, b1?.key], ['a1', 'b1']);
  assert.is(schedule.take(), undefined);
  assert.not.ok(schedule.isOver);
  schedule.warmed(trials[2]);
  assert.is(schedule.take()?.key, 'b2');
  assert.is(schedule.take(), undefined);
  schedule.ended(trials[0]); // without a warm start: it failed
  assert.is(schedule.take()?.key, 'a2');
  for (const trial of trials.slice(1)) schedule.ended(trial);
  assert.ok(schedule.isOver);
});

test('the trial of a worker that dies is the next one, until it has cost too many', () => {
  const schedule = new Schedule(trials);
  for (let death = 1; death <= ATTEMPTS; death++) {
    const trial = schedule.take() as (typeof trials)[0];
    assert.is(trial.key, 'a1');
    assert.is(schedule.died(trial), death < ATTEMPTS);
  }
  assert.is(schedule.take()?.key, 'a2');
});

test.run();
