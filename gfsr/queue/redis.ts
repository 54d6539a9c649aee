// The queue on a Redis server: its address, a first connection that says what is wrong, and BullMQ.

import type { Queue, RedisOptions, Worker } from 'bullmq';

/** Milliseconds until a server that does not answer counts as unreachable. */
const CONNECT_MS = 5_000;
/** Name of the queue, and start of all its keys. */
const QUEUE = 'trials';
const PREFIX = 'gfsr';

/** A server that was reached, and what BullMQ needs to reach it again. */
export interface RedisServer {
  /** Without user and password. */
  readonly shown: string;
  readonly connection: RedisOptions;
}

/**
 * Reaches a server once, so that a wrong address or password is said before anything begins.
 *
 * @param address `redis://user:password@host:6379/0`, or `rediss://` for TLS
 * @param password instead of the one in the address
 * @throws Error that names the server, without its password
 */
export async function reachRedis(address: string, password?: string): Promise<RedisServer> {
  const { shown, connection } = parseAddress(address, password);
  const { Redis } = await optional(() => import('ioredis'));
  const client = new Redis({
    ...connection,
    ...{ lazyConnect: true, connectTimeout: CONNECT_MS, maxRetriesPerRequest: 0 },
    retryStrategy: () => null,
  });
  let first: Error | undefined;
  client.on('error', (error: Error) => {
    first ??= error;
  });
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    // Of an answer of Redis, the first clause: what follows is advice about its protocol.
    const message = (first ?? (error as Error)).message.split(/ HELLO|\.$/)[0];
    const advice = /WRONGPASS|NOAUTH|invalid password/i.test(message)
      ? 'Set the password in GFSR_REDIS_PASSWORD or in the address.'
      : 'Start redis-server, or check the address.';
    throw new Error(`queue: ${shown} cannot be used: ${message}. ${advice}`);
  } finally {
    client.disconnect();
  }
  return { shown, connection };
}

/** @throws RangeError that does not repeat the password */
function parseAddress(address: string, password?: string): RedisServer {
  let url: URL | undefined;
  try {
    url = new URL(address);
  } catch {}
  if (!url || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') {
    throw new RangeError(
      '--redis: got something else, expected an address such as redis://host:6379 or rediss://host:6379.',
    );
  }
  const secret = password ?? decodeURIComponent(url.password);
  const db = Number(url.pathname.slice(1) || 0);
  return {
    shown: `${url.protocol}//${url.host}`,
    connection: {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port || 6379),
      ...(url.username && { username: decodeURIComponent(url.username) }),
      ...(secret && { password: secret }),
      ...(db > 0 && { db }),
      ...(url.protocol === 'rediss:' && { tls: {} }),
      maxRetriesPerRequest: null,
    },
  };
}

/** The queue of trials, for pushing and looking. Close it afterwards. */
export async function openQueue({ connection }: RedisServer): Promise<Queue> {
  const { Queue } = await optional(() => import('bullmq'));
  const queue = new Queue(QUEUE, { prefix: PREFIX, connection });
  queue.on('error', () => {}); // it connects again by itself
  return queue;
}

/** How `openWorker` takes jobs. */
export interface WorkerTerms {
  /** Seconds after which the job of a silent worker goes to another. */
  readonly lease: number;
  /** So often a job may lose its worker. */
  readonly deaths: number;
  readonly process: (job: import('bullmq').Job, token: string) => Promise<unknown>;
}

/** A worker that takes one job at a time as soon as it runs. */
export async function openWorker(server: RedisServer, terms: WorkerTerms): Promise<Worker> {
  const { Worker } = await optional(() => import('bullmq'));
  const { lease, deaths, process: take } = terms;
  const worker = new Worker(QUEUE, (job, token) => take(job, token as string), {
    ...{ prefix: PREFIX, connection: server.connection, autorun: false, concurrency: 1 },
    ...{ lockDuration: 1000 * lease, stalledInterval: 1000 * lease, maxStalledCount: deaths },
    drainDelay: 1,
  });
  worker.on('error', () => {}); // a lost connection comes back by itself
  return worker;
}

/** @throws Error with the install command if the package is missing */
export async function optional<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Error(
      'queue: the packages `bullmq` and `ioredis` are not installed. Run: npm install bullmq ioredis',
      { cause: error },
    );
  }
}
