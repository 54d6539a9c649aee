// Small pieces of work on the thread that draws: in order, with others in between, and none is lost by a failure.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { turn } from '../../gfsr/machine/long-work.ts';
import { inFrame, inTurn } from '../../studio/in-turn.ts';

/** Keeps the thread for some milliseconds. */
const work = (ms: number) => {
  for (const end = performance.now() + ms; performance.now() < end; );
};

test('pieces are worked in order, and other messages come between them', async () => {
  const done: string[] = [];
  const pieces = [1, 2, 3, 4].map((i) =>
    inTurn(() => {
      work(5);
      done.push(`piece ${i}`);
      return i;
    }),
  );
  const other = (async () => {
    for (let i = 1; i <= 3; i++) {
      await turn();
      done.push('other');
    }
  })();
  assert.equal(done, [], 'nothing is worked where it is asked for');
  assert.equal(await Promise.all(pieces), [1, 2, 3, 4]);
  await other;
  assert.equal(
    done.filter((each) => each !== 'other'),
    ['piece 1', 'piece 2', 'piece 3', 'piece 4'],
  );
  assert.ok(done.indexOf('other') < done.indexOf('piece 4'), done.join(', '));
});

test('short pieces share a task', async () => {
  let tasks = 0;
  let isOver = false;
  const count = (async () => {
    for (; !isOver; tasks++) await turn();
  })();
  await Promise.all(Array.from({ length: 500 }, () => inTurn(() => {})));
  isOver = true;
  await count;
  assert.ok(tasks < 100, `${tasks} tasks`);
});

test('a piece that fails tells its caller, and the next is worked', async () => {
  const failed = inTurn(() => {
    throw new RangeError('no such picture');
  });
  const next = inTurn(() => 'worked');
  const why = await failed.catch(({ message }: Error) => message);
  assert.is(why, 'no such picture');
  assert.is(await next, 'worked');
});

test('each change is drawn before the next is made, and a hidden tab waits for no frame', async () => {
  const seen: string[] = [];
  let isHidden = false;
  globalThis.requestAnimationFrame = (callback) => {
    if (!isHidden) {
      setTimeout(() => {
        callback(performance.now());
        seen.push('frame');
      }, 5);
    }
    return 0;
  };
  const change = (name: string) =>
    new Promise<void>((resolve) =>
      inFrame(() => {
        seen.push(name);
        resolve();
      }),
    );
  await Promise.all([change('controls'), change('masks'), change('strip')]);
  assert.equal(seen, ['controls', 'frame', 'masks', 'frame', 'strip']);
  isHidden = true;
  await Promise.all([change('hidden'), change('hidden, too')]);
  assert.equal(seen.slice(-2), ['hidden', 'hidden, too']);
});

test.run();
