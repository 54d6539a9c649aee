// A training is shown by the page of its own project, and by no other.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type TrainingHost, Trainings } from '../../../gfsr/serve/trainings.ts';

test('only the project that is trained follows its training', async () => {
  let fail = (_: Error) => {};
  const dataset = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const host = { files: () => ({ dataset: () => dataset }) };
  const trainings = new Trainings(host as unknown as TrainingHost);
  const [a, b] = ['a', 'b'].map((id) => ({ kind: 'browser' as const, id }));
  const none = () => {};
  assert.is(await trainings.follow(a, none), undefined);
  const ends = [
    trainings.train({ place: a, isResumed: false, annotations: '', isQuick: true }, none),
    trainings.follow(a, none),
  ].map((end) => end.catch(({ message }: Error) => message));
  assert.is(await trainings.follow(b, none), undefined);
  assert.is(await trainings.follow({ kind: 'server' }, none), undefined);
  fail(new Error('gone'));
  assert.equal(await Promise.all(ends), ['gone', 'gone']);
});

test.run();
