// Nothing that a person marks is lost: undo and redo go all the way, and what the server has not saved is kept.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Stroke } from '../../../gfsr/annotation/annotations.ts';
import { revisionOf } from '../../../gfsr/serve/mark-file.ts';
import { type Journal, Marks, type Save } from '../../../studio/mark/marks.ts';
import { type MarkedDataset, RefusedError } from '../../../studio/server.ts';

const click = (x: number): Stroke => ({ kind: 'click', sign: 'positive', points: [[x, 1]] });

/** A server and a browser's storage in memory. */
function world() {
  const server = new Map<number, readonly Stroke[]>();
  const stored = new Map<string, string>();
  const state = { answers: true, saves: 0 };
  const save: Save = async (image, strokes, revision) => {
    await null;
    if (!state.answers) throw new TypeError('no network');
    state.saves++;
    if (revision !== revisionOf(server.get(image) ?? []))
      throw new RefusedError('marked elsewhere');
    server.set(image, strokes);
    return { image, strokes, revision: revisionOf(strokes) };
  };
  const journal: Journal = {
    getItem: (key) => stored.get(key) ?? null,
    setItem: (key, value) => void stored.set(key, value),
    removeItem: (key) => void stored.delete(key),
  };
  const open = () => {
    const marks = [...server]
      .filter(([, strokes]) => strokes.length > 0)
      .map(([image, strokes]) => ({ image, strokes, revision: revisionOf(strokes) }));
    const dataset = { name: 'd', file: 'f', annotator: 'a', marks, unmarked: revisionOf([]) };
    return new Marks(dataset as unknown as MarkedDataset, { save, journal });
  };
  return { server, stored, state, open };
}

test('undo and redo go through every change, on every image', async () => {
  const { open } = world();
  const marks = open();
  for (let i = 0; i < 50; i++) marks.change(i % 3, [...marks.of(i % 3), click(i)]);
  assert.equal(Array.from({ length: 50 }, () => marks.undo()).at(-1), 0);
  assert.is(marks.undo(), undefined);
  assert.equal(
    [0, 1, 2].map((i) => marks.of(i).length),
    [0, 0, 0],
  );
  for (let i = 0; i < 50; i++) marks.redo();
  assert.equal(
    [0, 1, 2].map((i) => marks.of(i).length),
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
  for (let i = 1; i <= 20; i++) marks.change(4, [...marks.of(4), click(i)]);
  assert.is(marks.saving.value.state, 'saving');
  await marks.settled();
  assert.is(server.get(4)?.length, 20);
  assert.ok(state.saves < 20, `${state.saves}`);
  assert.is(marks.saving.value.state, 'saved');
});

test('what an absent server has not saved survives a reload, and is saved then', async () => {
  const { open, server, stored, state } = world();
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
  assert.is(stored.size, 0);
});

test('a change that somebody else overtook is refused, and stays visible', async () => {
  const { open, server } = world();
  const [mine, other] = [open(), open()];
  other.change(1, [click(9)]);
  await other.settled();
  mine.change(1, [click(5)]);
  await mine.settled();
  assert.equal(mine.saving.value, { state: 'refused', why: 'marked elsewhere' });
  assert.equal(mine.of(1), [click(5)]);
  assert.equal(server.get(1), [click(9)]);
});

test('an image whose last stroke is taken back counts as unmarked', async () => {
  const { open, server } = world();
  const marks = open();
  marks.change(1, [click(1)]);
  await marks.settled();
  marks.undo();
  assert.is(marks.count.value, 0);
  await marks.settled();
  assert.equal(server.get(1), []);
});

test.run();
