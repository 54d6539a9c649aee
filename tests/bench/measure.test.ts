// The harness against a clock that moves only by what its subjects say they took.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { calibrate, measure, type Subject } from '../../bench/measure.ts';

/** A subject of `ms` a run, the first one `cold` more, that notes what was asked of it. */
function subject(ms: (call: number) => number, cold = 0) {
  const calls: number[] = [];
  const time: Subject['time'] = async (runs) => {
    calls.push(runs);
    return runs * ms(calls.length) + (calls.length === 1 ? cold : 0);
  };
  return { time, calls };
}

test('counts as many runs as fill a round, without the cold first one', async () => {
  const fast = subject(() => 0.5, 1000);
  assert.is(await calibrate(fast, 100), 200);
  assert.equal(fast.calls, [1, 1, 4, 16, 64]);
  assert.is(
    await calibrate(
      subject(() => 30),
      100,
    ),
    3,
  );
  assert.is(
    await calibrate(
      subject(() => 500),
      100,
    ),
    1,
    'at least one',
  );
  assert.is(
    await calibrate(
      subject(() => 0),
      100,
    ),
    1024,
    'not without end',
  );
});

test('every subject is timed once a round; rounds are times of one run', async () => {
  const one = subject((call) => call);
  const [timings] = await measure([one], { rounds: 3, roundMs: 1 });
  // Calls 1 and 2 warm up and calibrate at 1 and 2 ms; 2 ms is more than a round: one run each.
  assert.is(timings.runs, 1);
  assert.equal(timings.rounds, [3, 4, 5]);
});

test('a run that does its thing several times over is divided', async () => {
  const many = { ...subject(() => 20), repeats: 10 };
  const [timings] = await measure([many], { rounds: 2, roundMs: 100 });
  assert.is(timings.runs, 5);
  assert.equal(timings.rounds, [2, 2]);
});

test('a drift of the machine falls on all alike', async () => {
  // Everything becomes slower and slower: in turns, two equal subjects still come out equal.
  let clock = 0;
  const drifting = (): Subject => ({
    time: async (runs) => {
      clock += 1;
      return runs * (1 + clock / 100);
    },
  });
  const order: number[] = [];
  const plan = { rounds: 20, roundMs: 1 };
  const [a, b] = await measure([drifting(), drifting()], plan, (done) => order.push(done));
  const total = (rounds: readonly number[]) => rounds.reduce((sum, ms) => sum + ms, 0);
  const ratio = total(a.rounds) / total(b.rounds);
  assert.ok(Math.abs(ratio - 1) < 0.01, `ratio ${ratio}`);
  assert.equal(
    order,
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
  const firstOfA = a.rounds.filter((ms, round) => ms < b.rounds[round]).length;
  assert.ok(firstOfA > 3 && firstOfA < 17, `a came first in ${firstOfA} of 20 rounds`);
});

test.run();
