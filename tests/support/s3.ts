// A server on this machine that speaks S3. It has a package.json of its own: nothing of the product needs it.
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

interface S3Rver {
  run(): Promise<AddressInfo>;
  close(): Promise<void>;
  httpServer: Server;
}

type S3RverClass = new (options: object) => S3Rver;

export const BUCKET = 'lab';
/** The keys that it knows. */
export const KEYS = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' };

/** The server's class, or null after printing that the tests are skipped. */
export function s3Server(): S3RverClass | null {
  try {
    return createRequire(new URL('s3/package.json', import.meta.url))('s3rver') as S3RverClass;
  } catch {
    console.log('skipped: no s3rver (npm ci --ignore-scripts --prefix tests/support/s3)');
    return null;
  }
}

/** Starts it with one empty bucket. Returns its address, and how to end it. */
export async function startS3(
  S3: S3RverClass,
  folder: string,
): Promise<{ readonly address: string; readonly stop: () => Promise<unknown> }> {
  const options = { address: '127.0.0.1', port: 0, silent: true, directory: folder };
  const server = new S3({ ...options, configureBuckets: [{ name: BUCKET }] });
  const { port } = await server.run();
  const stop = () => {
    server.httpServer.closeAllConnections();
    const ended = once(server.httpServer, 'close');
    return Promise.all([ended, server.close()]);
  };
  return { address: `http://127.0.0.1:${port}`, stop };
}
