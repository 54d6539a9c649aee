// The server of a page trains for it: asked over HTTP, followed line by line, into a folder that Node takes as a run.

import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadDataset } from '../../../gfsr/data/load.ts';
import { contentHash } from '../../../gfsr/files/content-hash.ts';
import { resumeJob } from '../../../gfsr/job/job.ts';
import { MarkFile } from '../../../gfsr/serve/mark-file.ts';
import { serveMarkingPage } from '../../../gfsr/serve/marking-page.ts';
import type { FromWorker } from '../../../gfsr/serve/messages.ts';
import type {
  ExplainedImages,
  GivenWeights,
  RunFiles,
  RunView,
  TrainCalls,
} from '../../../gfsr/serve/train-calls.ts';
import { openTrainings } from '../../../gfsr/serve/training-host.ts';
import { fromLine, toLine } from '../../../gfsr/serve/wire.ts';
import { openFolderStore } from '../../../gfsr/store/folder-store.ts';
import { RunFolder } from '../../../gfsr/store/run-folder.ts';
import { encodeSafetensors } from '../../../model/safetensors.ts';
import { writeTiny } from '../../support/tiny-data.ts';

const folder = mkdtempSync(join(tmpdir(), 'gfsr-trains-'));
writeFileSync(join(folder, 'served.html'), '<!doctype html>');
const place = { kind: 'server' } as const;

/** A server with four marked images, and a way to ask it as the page does. */
async function serve(run: string) {
  const source = writeTiny(folder);
  const dataset = await loadDataset(source, {});
  const marks = await MarkFile.open(join(folder, `${run}.json`), dataset, 'ann');
  const points: [number, number][] = [
    [1, 1],
    [11, 6],
  ];
  for (const image of [0, 1, 2, 3]) {
    const { revision } = marks.of(image);
    marks.replace(image, [{ kind: 'box', sign: 'positive', points }], revision);
  }
  const settings = {
    data: { source },
    model: { widths: [4, 8] },
    train: { epochs: 2, batchSize: 16 },
    guidance: { warmupEpochs: 1, rampEpochs: 1 },
    masks: { concepts: 5, relevanceNetwork: false, fallback: 'none' as const },
  };
  const path = join(folder, run);
  const trainings = await openTrainings(path, dataset, settings);
  const server = await serveMarkingPage({ page: folder, dataset, marks, settings, trainings });
  const session = await fetch(`${server.url}api/session`, { method: 'POST', body: server.token });
  const cookie = session.headers.get('set-cookie') as string;
  const post = (body: string) =>
    fetch(`${server.url}api/calls`, { method: 'POST', headers: { cookie }, body });
  /** All messages of the answer. */
  const ask = async (call: keyof TrainCalls, input?: unknown): Promise<FromWorker[]> => {
    const answer = await post(toLine({ request: 0, call, input }));
    const lines = (await answer.text()).split('\n').filter((line) => line !== '');
    return lines.map((line) => fromLine(line) as FromWorker);
  };
  const annotations = await (
    await fetch(`${server.url}api/annotations`, { headers: { cookie } })
  ).text();
  const train = (isResumed: boolean, weights?: GivenWeights) =>
    ask('train', { place, annotations, isResumed, isQuick: false, ...(weights && { weights }) });
  const close = async () => {
    await server.close();
    await trainings.close();
  };
  return { ask, train, post, close, path, server };
}

const answerOf = (messages: readonly FromWorker[]) =>
  (messages.at(-1) as { answer: unknown }).answer;

test('arrays cross the wire with their type and bits', () => {
  const sent = { a: Float32Array.of(0.1, -0, 1e-45), b: new Uint8Array([0, 255]), c: 'x' };
  const { a, b, c } = fromLine(toLine(sent)) as typeof sent;
  assert.equal([a, b, c], [sent.a, sent.b, 'x']);
  const read = fromLine(toLine({ file: Buffer.of(1, 2) })) as { file: Uint8Array };
  assert.equal(read.file, Uint8Array.of(1, 2), 'what Node reads is a Buffer');
  assert.ok(Object.is(a[1], -0));
});

test('a training is followed, cannot be begun twice, and is a run of Node', async () => {
  const { ask, train, post, close, path, server } = await serve('whole');
  assert.is((await fetch(`${server.url}api/calls`, { method: 'POST', body: '{}' })).status, 403);
  assert.is((await post('{}')).status, 400);
  assert.is(answerOf(await ask('lastRun', place)), undefined);
  assert.is(answerOf(await ask('followTraining', place)), undefined);
  const training = train(false);
  const again = await train(false);
  assert.match(JSON.stringify(again), /a training runs already/);
  const followed = await ask('followTraining', place);
  const messages = await training;
  assert.is(answerOf(messages), 'finished');
  assert.is(answerOf(followed), 'finished');
  for (const each of [messages, followed]) assert.ok(each.some((m) => 'progress' in m));
  const { started } = answerOf(await ask('lastRun', place)) as RunView;
  const explained = answerOf(
    await ask('explain', { place, split: 'val', images: [0, 1] }),
  ) as ExplainedImages;
  assert.is(explained.pixels.length, 2 * 144);
  assert.instance(explained.arms.guided?.maps, Float32Array);
  assert.ok((answerOf(await ask('exportRun', place)) as Uint8Array).length > 1000);
  const files = new Map(answerOf(await ask('runFiles', place)) as RunFiles);
  assert.instance(files.get('guided.safetensors'), Uint8Array);
  await close();
  const run = RunFolder.open(path);
  assert.is(started, run.info.started);
  assert.is(run.info.status, 'finished');
  assert.is(run.config.annotation.source, 'annotations.json', 'its marks are not simulated');
  assert.ok(existsSync(join(path, 'report.html')));
});

test('one that was stopped goes on with the same result, on another server', async () => {
  const first = await serve('stopped');
  const training = first.train(false);
  await first.ask('stopTraining');
  assert.is(answerOf(await training), 'stopped');
  await first.close();
  const second = await serve('stopped');
  assert.is(answerOf(await second.train(true)), 'finished');
  await second.close();
  const weights = (run: string) =>
    RunFolder.open(join(folder, run)).read('guided.safetensors') as Promise<Uint8Array>;
  assert.equal(await weights('stopped'), await weights('whole'));
});

test('starting weights are kept by the run, which goes on with them; others are refused and replace nothing', async () => {
  const bytes = (await RunFolder.open(join(folder, 'whole')).read(
    'guided.safetensors',
  )) as Uint8Array;
  const given = { name: 'guided.safetensors', bytes };
  const first = await serve('started');
  assert.is(answerOf(await first.train(false, given)), 'finished');
  const other = encodeSafetensors(new Map([['odd', { shape: [1], data: Float32Array.of(1) }]]));
  for (const [weights, why] of [
    [
      { name: 'odd.safetensors', bytes: other },
      /^odd\.safetensors: .*has odd, which the classifier/,
    ],
    [{ name: 'cut.safetensors', bytes: bytes.subarray(0, 100) }, /^cut\.safetensors: /],
    [
      { ...given, architecture: 'resnet18' as const },
      /^guided\.safetensors: .*another architecture/,
    ],
  ] as const) {
    const { error } = (await first.train(false, weights)).at(-1) as { error: Error };
    assert.match(error.message, why);
  }
  const training = first.train(false, given);
  await first.ask('stopTraining');
  await training;
  assert.is(answerOf(await first.train(true)), 'finished');
  await first.close();
  const { info, config } = RunFolder.open(first.path);
  assert.equal([config.model.init, config.model.widths], ['guided.safetensors', [4, 8]]);
  assert.is(info.init, contentHash(bytes));
  assert.is((await resumeJob(first.path)).pretrained?.sha256, info.init);
});

test('a folder with something else is refused', async () => {
  const path = mkdtempSync(join(folder, 'else-'));
  writeFileSync(join(path, 'thesis.txt'), 'mine');
  const why = await openFolderStore(path).then(
    () => 'opened',
    ({ message }) => message,
  );
  assert.match(why, /is not a run \(it contains thesis.txt\)/);
  assert.ok(existsSync(join(path, 'thesis.txt')));
});

test.run();
