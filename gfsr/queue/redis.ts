// The queue on a Redis server: its address, a first connection that says what is wrong, and BullMQ.

import type { Queue, RedisOptions, Worker } from 'bullmq';
import { quoted } from '../text/visible.ts';
import { type Advice, cannotBeUsed } from './advice.ts';
import { optional } from './optional.ts';

const PACKAGES = ['bullmq', 'ioredis'];

/** Milliseconds until a server that does not answer counts as unreachable. */
const CONNECT_MS = 5_000;
/** So often a command of `withQueue` is repeated after a lost connection, which takes some seconds. */
const RETRIES = 2;
/** Name of the queue, and start of all its keys. */
const QUEUE = 'trials';
const PREFIX = 'gfsr';

/** What to do, by what Redis or its connection says. */
const ADVICE: Advice = {
  known: [
    [
      /^(WRONGPASS|NOAUTH|NOPERM)|invalid password/i,
      'Set the password in GFSR_REDIS_PASSWORD or in the address.',
    ],
    [/altnames/i, 'Use a host name for which its certificate was made.'],
    [/certificate/i, 'Set NODE_EXTRA_CA_CERTS to a file with the certificate of its authority.'],
    [
      /^(OOM|MISCONF|READONLY)/,
      'Let it write again, with more memory or disk space. No trial is lost.',
    ],
    [/DB index/, 'Choose a database that it has.'],
  ],
  other: 'Start redis-server, or check the address: redis:// without TLS, rediss:// with it.',
};
/** Answers that waiting does not change. */
const LASTING = /^(WRONGPASS|NOAUTH|NOPERM|OOM|MISCONF|READONLY)/;

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
  const { Redis } = await ioredis();
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
    first ??= error as Error;
  } finally {
    client.disconnect();
  }
  // A wrong number of a database is an event, and no failure of the connection.
  if (first) throw explain(first, shown);
  return { shown, connection };
}

/** What went wrong with a server, in one sentence with advice. */
function explain({ message }: Error, shown: string): Error {
  // Of an answer of Redis, the first clause: what follows is about its protocol, or about a script of BullMQ.
  const cause = message.split(/ HELLO|\. script:|\.$/)[0];
  return new Error(cannotBeUsed(`queue: ${shown}`, cause, ADVICE));
}

/** Whether an error is of Redis or of the connection to it. */
const isOfRedis = (error: unknown): error is Error =>
  error instanceof Error &&
  (/^(ReplyError|MaxRetriesPerRequestError)$/.test(error.name) ||
    /^Connection is closed/.test(error.message) ||
    /^(ECONN|ENOTFOUND|EAI_|EPIPE|ETIMEDOUT|EHOSTUNREACH)/.test(
      (error as NodeJS.ErrnoException).code ?? '',
    ));

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
  const decoded = (part: string): string => {
    try {
      return decodeURIComponent(part);
    } catch {
      throw new RangeError(
        '--redis: user or password have a % that begins no code. Write % as %25.',
      );
    }
  };
  const secret = password ?? decoded(url.password);
  const db = Number(url.pathname.slice(1));
  if (!Number.isInteger(db)) {
    throw new RangeError(
      `--redis: got ${quoted(url.pathname.slice(1))} behind the host, expected the number of a database, or nothing.`,
    );
  }
  return {
    shown: `${url.protocol}//${url.host}`,
    connection: {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port || 6379),
      ...(url.username && { username: decoded(url.username) }),
      ...(secret && { password: secret }),
      ...(db > 0 && { db }),
      ...(url.protocol === 'rediss:' && { tls: {} }),
      maxRetriesPerRequest: null,
    },
  };
}

/**
 * Opens the queue of trials for a while, to push and to look.
 *
 * @throws Error that names the server if it cannot be reached any more or refuses a command
 */
export async function withQueue<T>(
  { shown, connection }: RedisServer,
  body: (queue: Queue) => Promise<T>,
): Promise<T> {
  const { Queue } = await bullmq();
  const queue = new Queue(QUEUE, {
    ...{ prefix: PREFIX, connection: { ...connection, maxRetriesPerRequest: RETRIES } },
  });
  queue.on('error', () => {}); // it connects again by itself, or the command fails
  try {
    return await body(queue);
  } catch (error) {
    throw isOfRedis(error) ? explain(error, shown) : error;
  } finally {
    await queue.close();
  }
}

/** The client of Redis, when it is needed. */
const ioredis = () => optional(PACKAGES, () => import('ioredis'));

/** BullMQ, when it is needed. */
export const bullmq = (): Promise<typeof import('bullmq')> =>
  optional(PACKAGES, () => import('bullmq'));

/** How `openWorker` takes jobs. */
export interface WorkerTerms {
  /** Seconds after which the job of a silent worker goes to another. */
  readonly lease: number;
  /** So often a job may lose its worker. */
  readonly deaths: number;
  readonly process: (job: import('bullmq').Job, token: string) => Promise<unknown>;
  /** The server is away, or refuses to go on, which is `lasting`. It is asked again all the same. */
  readonly onTrouble?: (trouble: Error, lasting: boolean) => void;
}

/** A worker that takes one job at a time as soon as it runs. */
export async function openWorker(server: RedisServer, terms: WorkerTerms): Promise<Worker> {
  const { Worker } = await bullmq();
  const { lease, deaths, process: take, onTrouble } = terms;
  const worker = new Worker(QUEUE, (job, token) => take(job, token as string), {
    ...{ prefix: PREFIX, connection: server.connection, autorun: false, concurrency: 1 },
    ...{ lockDuration: 1000 * lease, stalledInterval: 1000 * lease, maxStalledCount: deaths },
    drainDelay: 1,
  });
  worker.on('error', (error) => {
    if (isOfRedis(error)) onTrouble?.(explain(error, server.shown), LASTING.test(error.message));
    if (error instanceof SyntaxError) blankUnreadable(server.connection).catch(() => {}); // there is a next time
  });
  return worker;
}

/**
 * BullMQ would take a job whose data is no JSON again and again. With `null` for its data it is one like any other that
 * its worker finds damaged.
 */
async function blankUnreadable(connection: RedisOptions): Promise<void> {
  const { Redis } = await ioredis();
  const client = new Redis(connection);
  try {
    for (const id of await client.lrange(`${PREFIX}:${QUEUE}:active`, 0, -1)) {
      const job = `${PREFIX}:${QUEUE}:${id}`;
      const data = await client.hget(job, 'data');
      if (data !== null && !isJson(data)) await client.hset(job, 'data', 'null');
    }
  } finally {
    client.disconnect();
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
