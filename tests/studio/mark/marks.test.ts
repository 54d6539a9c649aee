// Nothing that a person marks is lost: undo and redo go all the way, and what the server has not saved is kept.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Stroke } from '../../../gfsr/annotation/annotations.ts';
import { revisionOf } from '../../../gfsr/serve/mark-file.ts';
import { Marks } from '../../../studio/mark/marks.ts';
import {
  type LoggedStrokes,
  type Project,
  RefusedError,
  StaleError,
} from '../../../studio/storage/project.ts';

const click = (x: number): Stroke => ({ kind: 'click', sign: 'positive', points: [[x, 1]] });

/** A server and a browser's log in memory. */
function world() {
  const server = new Map<number, readonly Stroke[]>();
  const logged: { event: number; image: number; strokes: readonly Stroke[]; base?: string }[] = [];
  const state = {
    ...{ answers: true, saves: 0, mostSaves: Number.POSITIVE_INFINITY, forbidden: -1 },
    ...{ hasRoom: true, failures: 0, events: 0 },
  };
  const save: Project['save'] = async (image, strokes, revision) => {
    await new Promise(setImmediate); // a server answers later than a log
    if (!state.answers || state.saves === state.mostSaves) throw new TypeError('no network');
    state.saves++;
    if (image === state.forbidden) throw new RefusedError('a box with 1 points');
    const kept = server.get(image) ?? [];
    const now = { image, strokes: kept, revision: revisionOf(kept) };
    if (revision !== now.revision) throw new StaleError(now);
    server.set(image, strokes);
    return { image, strokes, revision: revisionOf(strokes) };
  };
  const append = async (image: number, strokes: readonly Stroke[], base: string) => {
    await null;
    if (!state.hasRoom || state.failures-- > 0) throw new Error('no room left');
    logged.push({ event: ++state.events, image, strokes, base });
    return state.events;
  };
  const settle = async (image: number, event: number, revision: string) => {
    for (const each of logged.filter((one) => one.image === image)) {
      if (each.event <= event) logged.splice(logged.indexOf(each), 1);
      else each.base = revision;
    }
  };
  const open = ({ isWritable = true } = {}) => {
    const marks = [...server]
      .filter(([, strokes]) => strokes.length > 0)
      .map(([image, strokes]) => ({ image, strokes, revision: revisionOf(strokes) }));
    const unsaved = new Map<number, LoggedStrokes>(logged.map((each) => [each.image, each]));
    const dataset = { marks, unmarked: revisionOf([]) };
    return new Marks({ dataset, log: { unsaved, append, settle }, save, isWritable });
  };
  return { server, logged, state, open };
}

test('what changes several images is one step', async () => {
  const { open, server } = world();
  const marks = open();
  marks.change(1, [click(1)]);
  marks.changeAll([
    [0, [click(2)]],
    [1, [click(1), click(3)]],
    [2, marks.latest(2)],
  ]);
  await marks.settled();
  assert.equal(
    [0, 1, 2].map((i) => server.get(i)?.length),
    [1, 2, undefined],
  );
  assert.is(marks.undo(), 0);
  assert.equal(
    [0, 1].map((i) => marks.latest(i).length),
    [0, 1],
  );
  marks.redo();
  assert.equal(
    [0, 1].map((i) => marks.latest(i).length),
    [1, 2],
  );
});

test('it says "saved" only while no change is on its way', async () => {
  const { open, server } = world();
  const marks = open();
  assert.is(marks.saving.value.state, 'saved');
  const seen: string[] = [];
  for (let i = 0; i < 20; i++) {
    marks.change(i, [click(i)]);
    seen.push(marks.saving.value.state);
    await null; // so that changes meet the log and the server at every stage
    if (i % 3 === 0) await new Promise(setImmediate);
  }
  assert.equal([...new Set(seen)], ['saving']);
  while (marks.saving.value.state !== 'saved') await new Promise(setImmediate);
  assert.is(server.size, 20);
});

test('undo and redo go through every change, on every image', async () => {
  const { open } = world();
  const marks = open();
  for (let i = 0; i < 50; i++) marks.change(i % 3, [...marks.latest(i % 3), click(i)]);
  assert.equal(Array.from({ length: 50 }, () => marks.undo()).at(-1), 0);
  assert.is(marks.undo(), undefined);
  assert.equal(
    [0, 1, 2].map((i) => marks.latest(i).length),
    [0, 0, 0],
  );
  for (let i = 0; i < 50; i++) marks.redo();
  assert.equal(
    [0, 1, 2].map((i) => marks.latest(i).length),
    [17, 17, 16],
  );
  assert.is(marks.redo(), undefined);
  marks.undo();
  marks.change(7, [click(1)]);
  assert.is(marks.canRedo.value, false);
});

test('every change reaches the server; several at once as one', async () => {
  const { open, server, state } = world();
  const marks = open();
  for (let i = 1; i <= 20; i++) marks.change(4, [...marks.latest(4), click(i)]);
  assert.is(marks.of(4).length, 0);
  await marks.settled();
  assert.is(server.get(4)?.length, 20);
  assert.ok(state.saves < 20, `${state.saves}`);
  assert.is(marks.saving.value.state, 'saved');
});

test('what an absent server has not saved survives a reload, and is saved then', async () => {
  const { open, server, logged, state } = world();
  state.answers = false;
  const before = open();
  before.change(2, [click(1)]);
  before.change(3, [click(2), click(3)]);
  await before.settled();
  assert.is(before.saving.value.state, 'waiting');
  assert.is(server.size, 0);
  state.answers = true;
  const after = open();
  assert.equal(after.of(3), [click(2), click(3)]);
  assert.is(after.count.value, 2);
  await after.settled();
  assert.equal(server.get(2), [click(1)]);
  assert.is(logged.length, 0);
});

/** A world in which somebody else has marked image 1 since, and a page with another mark on it. */
async function overtaken() {
  const { open, ...rest } = world();
  const [mine, other] = [open(), open()];
  other.change(1, [click(9)]);
  await other.settled();
  mine.change(1, [click(5)]);
  await mine.settled();
  return { open, mine, ...rest };
}

test('a change that somebody else overtook is refused, stays visible, and is asked about', async () => {
  const { mine, server } = await overtaken();
  assert.equal(mine.saving.value, { state: 'refused', why: '1 image' });
  assert.equal(
    mine.refused.value.map(({ image, isStale }) => [image, isStale]),
    [[1, true]],
  );
  assert.equal(mine.of(1), [click(5)]);
  assert.equal(server.get(1), [click(9)]);
});

test("a reload does not replace somebody else's marks", async () => {
  const { open, server, logged } = await overtaken();
  const again = open();
  await again.settled();
  assert.equal(server.get(1), [click(9)]);
  assert.equal([again.of(1), again.refused.value.length], [[click(5)], 1]);
  again.change(1, [click(5), click(6)]); // no answer to the question
  await again.settled();
  assert.equal(server.get(1), [click(9)]);
  assert.equal([again.refused.value.length, logged.length], [1, 2]);
});

test("of two people's marks on an image, those stay that the person chooses", async () => {
  const own = await overtaken();
  own.mine.decide(1, 'own');
  await own.mine.settled();
  assert.equal(own.server.get(1), [click(5)]);
  assert.equal([own.mine.refused.value, own.logged], [[], []]);
  const kept = await overtaken();
  kept.mine.decide(1, 'kept');
  await kept.mine.settled();
  assert.equal([kept.server.get(1), kept.mine.of(1)], [[click(9)], [click(9)]]);
  assert.equal([kept.mine.refused.value, kept.logged], [[], []]);
  assert.is(kept.mine.saving.value.state, 'saved');
  kept.mine.undo();
  await kept.mine.settled();
  assert.equal(kept.server.get(1), [click(5)]);
});

test('an image that is refused does not hold up the others, and can be taken back to what is kept', async () => {
  const { open, server, state } = world();
  const marks = open();
  marks.change(3, [click(1)]);
  await marks.settled();
  state.forbidden = 3;
  marks.change(3, [click(1), click(2)]);
  await marks.settled();
  for (const image of [4, 5, 6]) {
    marks.change(image, [click(1)]);
    await marks.settled();
  }
  assert.equal([...server.keys()], [3, 4, 5, 6]);
  assert.equal(marks.saving.value, { state: 'refused', why: '1 image' });
  assert.equal(
    marks.refused.value.map(({ why, isStale }) => [why, isStale]),
    [['a box with 1 points', false]],
  );
  state.forbidden = -1;
  marks.decide(3, 'kept');
  await marks.settled();
  assert.equal([marks.of(3), server.get(3)], [[click(1)], [click(1)]]);
  assert.is(marks.saving.value.state, 'saved');
});

test('a stroke that was drawn while an earlier one was being saved is based on that one', async () => {
  const { open, server, logged, state } = world();
  state.mostSaves = 1;
  const marks = open();
  marks.change(1, [click(1)]);
  marks.change(1, [click(1), click(2)]);
  await marks.settled();
  assert.equal([server.get(1)?.length, logged.length], [1, 1]);
  state.mostSaves = Number.POSITIVE_INFINITY;
  const again = open();
  await again.settled();
  assert.equal([again.refused.value, server.get(1)?.length], [[], 2]);
});

test('an image whose last stroke is taken back counts as unmarked', async () => {
  const { open, server } = world();
  const marks = open();
  marks.change(1, [click(1)]);
  await marks.settled();
  marks.undo();
  await marks.settled();
  assert.is(marks.count.value, 0);
  assert.equal(server.get(1), []);
});

test('a stroke is in the log before it is seen, and one that the log does not take is not seen', async () => {
  const { open, logged, state } = world();
  const marks = open();
  marks.change(1, [click(1)]);
  assert.is(logged.length, 0);
  assert.equal(marks.of(1), []);
  await marks.settled();
  assert.equal(marks.of(1), [click(1)]);
  state.hasRoom = false;
  marks.change(1, [click(1), click(2)]);
  await marks.settled();
  assert.equal(marks.of(1), [click(1)]);
  assert.equal(marks.latest(1), [click(1)]);
  assert.equal(marks.saving.value, { state: 'refused', why: 'no room left' });
});

test('a stroke that the log does not take costs none after it', async () => {
  const { open, server, state } = world();
  const marks = open();
  state.failures = 1;
  marks.change(1, [click(1)]);
  marks.change(1, [...marks.latest(1), click(2)]);
  await marks.settled();
  assert.equal(marks.latest(1), marks.of(1));
  marks.change(1, [...marks.latest(1), click(3)]);
  await marks.settled();
  assert.equal(server.get(1), [click(1), click(2), click(3)]);
});

test('a tab that may not write shows everything and changes nothing', async () => {
  const { open, logged, server, state } = world();
  state.answers = false;
  const writer = open();
  writer.change(2, [click(1)]);
  await writer.settled();
  state.answers = true;
  const reader = open({ isWritable: false });
  assert.equal(reader.of(2), [click(1)]);
  reader.change(2, []);
  await reader.settled();
  assert.is(server.size, 0);
  assert.is(logged.length, 1);
});

test.run();
