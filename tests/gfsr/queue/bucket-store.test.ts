// An S3-compatible store: the same as a folder, over a real server; and what can be wrong with it.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isOfTrial } from '../../../gfsr/compare/run-trials.ts';
import { openStore } from '../../../gfsr/queue/open-store.ts';
import type { SharedStore } from '../../../gfsr/queue/store.ts';
import { requireSame, runAlone, writeLab } from '../../faults/lab.ts';
import { hasRedis, RedisServer } from '../../support/redis.ts';
import { BUCKET, KEYS, s3Server, startS3 } from '../../support/s3.ts';
import { gfsr, tempFolder } from '../cli/cli.ts';

const folder = tempFolder();
const SHA = 'ab'.repeat(32);
const S3 = s3Server();

/** The store as a machine with this folder for its cache sees it. */
function storeOf(machine: string, address: string, more: Record<string, string> = {}): SharedStore {
  const env = { ...KEYS, XDG_CACHE_HOME: join(folder, machine), ...more };
  Object.assign(process.env, env, { AWS_ENDPOINT_URL: address });
  return openStore(`s3://${BUCKET}/our lab`);
}

const failure = (body: Promise<unknown>): Promise<string> =>
  body.then(
    () => 'nothing failed',
    ({ message }: Error) => message,
  );

test('an address or a variable that is wrong is refused without its secret', () => {
  const open = (address: string) => () => openStore(address);
  assert.throws(open('s3:lab'), /--store: got "s3:lab", expected s3:\/\/bucket\/folder/);
  assert.throws(open('https://lab'), /expected a folder that all machines see, .* or s3:/);
  const endpoint = { AWS_ENDPOINT_URL: 'http://me:secret@host' };
  for (const [name, value] of Object.entries({ ...KEYS, ...endpoint })) process.env[name] = value;
  assert.throws(open('s3://lab'), /AWS_ENDPOINT_URL is something else, expected/);
  delete process.env.AWS_SECRET_ACCESS_KEY;
  assert.throws(open('s3://lab'), /needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/);
});

test('a server that refuses or is away is one line', async () => {
  let [status, code] = [507, 'XMinioStorageFull'];
  const server = createServer((_, response) => {
    response.writeHead(status).end(`<Error><Code>${code}</Code><Message>…</Message></Error>`);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.on('listening', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const load = () => failure(storeOf('none', address).load('0'.repeat(16)));
  [status, code] = [403, 'SignatureDoesNotMatch'];
  assert.match(await load(), /^store: s3:\/\/lab\/our lab cannot be used: 403 Sig.* Check AWS_ACC/);
  [status, code] = [404, 'NoSuchBucket'];
  assert.match(await load(), /404 NoSuchBucket\. Make the bucket first/);
  [status, code] = [404, 'NoSuchKey'];
  assert.is(await load(), 'nothing failed');
  [status, code] = [507, 'XMinioStorageFull'];
  assert.match(await load(), /507 XMinioStorageFull\. Make room in it\. No trial is lost/);
  server.closeAllConnections();
  server.close();
  assert.match(await load(), /ECONNREFUSED .* Check AWS_ENDPOINT_URL, and that the server runs/);
});

test('a connection that breaks within an object is a fault of the store, and not of the trial', async () => {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half');
    setTimeout(() => response.destroy(), 20);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.on('listening', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const load = storeOf('broken', address).load('0'.repeat(16));
  const error = await load.then(
    () => undefined,
    (reason: Error) => reason,
  );
  server.closeAllConnections();
  server.close();
  assert.match(error?.message ?? '', /^store: s3:\/\/lab\/our lab cannot be used: /);
  assert.not(isOfTrial(error));
});

if (S3) {
  test('data is copied once, whole and checked, and read by another machine', async () => {
    const server = await startS3(S3, join(folder, 'data-server'));
    try {
      const data = join(folder, 'my data');
      mkdirSync(join(data, 'cats'), { recursive: true });
      writeFileSync(join(data, 'cats', 'a ü#1.png'), 'one');
      writeFileSync(join(data, 'read me'), '');
      const first = storeOf('first', server.address);
      const copy = await first.addData(data, SHA);
      assert.is(copy, `data/${SHA.slice(0, 16)}/my data`);
      const second = storeOf('second', server.address);
      const path = (await second.dataPath(copy)) ?? 'no path';
      assert.ok(path.startsWith(join(folder, 'second')), path);
      assert.is(readFileSync(join(path, 'cats', 'a ü#1.png'), 'utf8'), 'one');
      assert.equal(readdirSync(path).sort(), ['cats', 'read me']);
      assert.is(await second.dataPath(`data/${'0'.repeat(16)}/none`), undefined);

      const key = 'c'.repeat(16);
      await first.withWarmStart('adapter', key, async (files) => {
        files.write(`warm-starts/${key}.safetensors`, 'weights');
      });
      await second.withWarmStart('adapter', key, async ({ path: own }) => {
        const warm = join(own, 'warm-starts', `${key}.safetensors`);
        assert.is(readFileSync(warm, 'utf8'), 'weights');
      });
      await second.withWarmStart('another adapter', key, async ({ path: own }) => {
        assert.not.ok(existsSync(join(own, 'warm-starts', `${key}.safetensors`)));
      });
    } finally {
      await server.stop();
    }
  });
}

if (S3 && hasRedis()) {
  test('trials go through the bucket, with their data: the same bytes as in one process', async () => {
    const own = join(folder, 'trials');
    const lab = writeLab(own, 1);
    const whole = await runAlone(lab);
    const redis = await RedisServer.start(own);
    const server = await startS3(S3, join(own, 'server'));
    const store = `s3://${BUCKET}/lab`;
    const env = (machine: string) => ({
      ...{ ...KEYS, AWS_ENDPOINT_URL: server.address, XDG_CACHE_HOME: join(own, machine) },
      ...{ GFSR_REDIS: redis.address, GFSR_STORE: store },
    });
    try {
      const push = ['queue', 'push', lab, '--on', 'any', '--with-data'];
      const pushed = await gfsr(push, { env: env('first') });
      assert.is(pushed.code, 0, pushed.stderr);
      const { data } = JSON.parse(readFileSync(lab, 'utf8')).settings;
      const bytes = readFileSync(data.source);
      rmSync(data.source); // the worker's machine has no such file
      const worked = await gfsr(['queue', 'work', '--until-empty'], { env: env('second') });
      assert.is(worked.code, 0, worked.stderr);
      // Other machines find the warm start there.
      const objects = readdirSync(join(own, 'server'), { recursive: true, encoding: 'utf8' });
      assert.ok(objects.some((name) => /adapters.*warm-starts.*safetensors/.test(name)));
      writeFileSync(data.source, bytes);
      const out = join(own, 'pulled');
      const pulled = await gfsr(['queue', 'pull', lab, '--out', out], { env: env('first') });
      assert.is(pulled.code, 0, pulled.stderr);
      requireSame(out, whole, 2);
    } finally {
      await server.stop();
      await redis.down();
    }
  });
}

test.run();
