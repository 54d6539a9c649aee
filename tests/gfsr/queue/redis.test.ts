// The Redis server of `gfsr queue`: what can be wrong with it is one line without secrets, with TLS and without.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openWorker, reachRedis, withQueue } from '../../../gfsr/queue/redis.ts';
import { freePort, hasRedis, RedisServer } from '../../support/redis.ts';
import { complaint, gfsr, tempFolder } from '../cli/cli.ts';

const SECRET = 'not for any log';
const folder = tempFolder();

/** The message of a failure, which must not contain the password. */
async function failure(body: Promise<unknown>): Promise<string> {
  const message = await body.then(
    () => 'nothing failed',
    (error: Error) => error.message,
  );
  assert.not.ok(message.includes(SECRET), message);
  return message;
}

test('an address that is none is refused', async () => {
  for (const [address, expected] of [
    [`${SECRET}`, /--redis: got something else, expected an address such as redis:/],
    [`http://:${SECRET}@host`, /--redis: got something else/],
    ['redis://:%ZZ@host', /have a % that begins no code\. Write % as %25/],
    ['redis://host/first', /got "first" behind the host, expected the number of a database/],
  ] as const) {
    assert.match(await failure(reachRedis(address)), expected);
  }
});

test('nobody answers', async () => {
  const address = `redis://127.0.0.1:${await freePort()}`;
  const expected = /^queue: redis:\/\/127\S+ cannot be used: connect ECONNREFUSED .* Start redis/;
  assert.match(await failure(reachRedis(address, SECRET)), expected);
});

/** A server with a password, while the body runs. */
async function withServer(
  name: string,
  more: readonly string[],
  body: (server: RedisServer) => Promise<void>,
): Promise<void> {
  const own = join(folder, name);
  mkdirSync(own, { recursive: true });
  const server = await RedisServer.start(own, ['--requirepass', SECRET, ...more]);
  try {
    await body(server);
  } finally {
    await server.down();
  }
}

if (!hasRedis()) console.log('skipped: no redis-server');
else {
  test('a password or a database is wrong', () =>
    withServer('password', [], async ({ address }) => {
      assert.match(await failure(reachRedis(address)), /: NOAUTH\. Set the password in GFSR_/);
      const wrong = reachRedis(address, `${SECRET}!`);
      assert.match(await failure(wrong), /: WRONGPASS .* Set the password in GFSR_/);
      const beyond = reachRedis(`${address}/77`, SECRET);
      assert.match(await failure(beyond), /DB index is out of range. Choose a database/);
      assert.is((await reachRedis(address, SECRET)).shown, address);
    }));

  test('a full server refuses jobs, keeps those that it has, and stops a worker', () =>
    withServer('full', [], async ({ address }) => {
      const server = await reachRedis(address, SECRET);
      const memory = async (limit: string) => {
        const client = new Redis(server.connection);
        await client.config('SET', 'maxmemory', limit);
        client.disconnect();
      };
      const add = (jobId: string) =>
        withQueue(server, (queue) => queue.add('trial', {}, { jobId }));
      await add('first');
      await memory('1mb');
      assert.match(await failure(add('second')), /: OOM command not allowed .* No trial is lost/);
      const troubles: [string, boolean][] = [];
      const worker = await openWorker(server, {
        ...{ lease: 30, deaths: 1 },
        process: async () => {},
        onTrouble: ({ message }, lasting) => {
          troubles.push([message, lasting]);
          void worker.close();
        },
      });
      await worker.run();
      await worker.close();
      const [[message, lasting]] = troubles;
      assert.match(message, /^queue: .* cannot be used: OOM command/);
      assert.ok(lasting);
      const own = { GFSR_REDIS: address, GFSR_REDIS_PASSWORD: SECRET };
      const store = `file://${join(folder, 'store')}`;
      const outcome = await gfsr(['queue', 'work', '--store', store], { env: own });
      assert.match(complaint(outcome), /: OOM command not allowed .* No trial is lost/);
      assert.is(outcome.code, 1);
      await memory('0');
      assert.is(await withQueue(server, (queue) => queue.getWaitingCount()), 1);
    }));

  test('a server that goes away fails a command, and is waited for by a worker', () =>
    withServer('away', [], async (redis) => {
      const server = await reachRedis(redis.address, SECRET);
      const cut = withQueue(server, async (queue) => {
        await queue.add('trial', {}, { jobId: 'kept' });
        await redis.down();
        await queue.add('trial', {}, { jobId: 'lost' });
      });
      assert.match(await failure(cut), /^queue: redis:\S+ cannot be used: .* Start redis-server/);
      await redis.up();
      let taken = '';
      let begun: Promise<void> | undefined;
      const worker = await openWorker(server, {
        ...{ lease: 30, deaths: 1 },
        process: async ({ id }) => {
          taken = String(id);
          void worker.close();
        },
        onTrouble: (_, lasting) => {
          assert.not.ok(lasting);
          begun ??= redis.up();
        },
      });
      await redis.down();
      await worker.run();
      await worker.close();
      assert.is(taken, 'kept');
      await begun;
    }));

  test('a job whose data is no JSON reaches its worker as null', () =>
    withServer('damaged', [], async ({ address }) => {
      const server = await reachRedis(address, SECRET);
      await withQueue(server, async (queue) => {
        for (const jobId of ['damaged', 'good']) await queue.add('trial', { jobId }, { jobId });
      });
      const client = new Redis(server.connection);
      await client.hset('gfsr:trials:damaged', 'data', '{broken');
      client.disconnect();
      const taken: Record<string, unknown> = {};
      const worker = await openWorker(server, {
        ...{ lease: 1, deaths: 100 },
        process: async ({ id, data }) => {
          taken[String(id)] = data;
          if ('damaged' in taken) void worker.close();
        },
      });
      await worker.run();
      await worker.close();
      assert.equal(taken, { good: { jobId: 'good' }, damaged: null });
    }));

  const openssl = (...args: string[]) => spawnSync('openssl', args, { cwd: folder });
  if (openssl('version').status !== 0) console.log('skipped: no openssl');
  else {
    test('TLS: the certificate must be of an authority that is trusted, and for the host', async () => {
      const file = (name: string) => join(folder, name);
      const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
      const root = ['req', '-x509', ...key, '-subj', '/CN=lab', '-days', '2'];
      openssl(...root, '-keyout', 'ca.key', '-out', 'ca.pem');
      openssl('req', ...key, '-keyout', 'key.pem', '-out', 'request.pem', '-subj', '/CN=box');
      writeFileSync(file('names'), 'subjectAltName=IP:127.0.0.1');
      const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2'];
      const made = ['-in', 'request.pem', '-extfile', 'names', '-out', 'certificate.pem'];
      const { status, stderr } = openssl('x509', '-req', ...by, ...made);
      assert.is(status, 0, String(stderr));
      const port = await freePort();
      const tls = ['--tls-port', String(port), '--tls-auth-clients', 'no'];
      const files = ['--tls-cert-file', file('certificate.pem'), '--tls-key-file', file('key.pem')];
      const more = [...tls, ...files, '--tls-ca-cert-file', file('ca.pem')];
      await withServer('tls', more, async () => {
        const address = `rediss://127.0.0.1:${port}`;
        const unknown = /certificate in certificate chain\. Set NODE_EXTRA_CA_CERTS to a file/;
        assert.match(await failure(reachRedis(address, SECRET)), unknown);
        const plain = reachRedis(address.replace('rediss', 'redis'), SECRET);
        assert.match(await failure(plain), /check the address: redis:\/\/ without TLS, rediss/);
        const env = { GFSR_REDIS_PASSWORD: SECRET, NODE_EXTRA_CA_CERTS: file('ca.pem') };
        const status = (redis: string) => gfsr(['queue', 'status', '--redis', redis], { env });
        const trusted = await status(address);
        assert.is(trusted.code, 0, trusted.stderr);
        assert.match(trusted.stdout, /rediss:\/\/127\.0\.0\.1:\d+: 0 waiting/);
        const other = await status(address.replace('127.0.0.1', 'localhost'));
        assert.match(complaint(other), /altnames: .* Use a host name for which its certificate/);
      });
    });
  }
}

test.run();
