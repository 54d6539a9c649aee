// A Redis server of its own for a test: with an append-only file, so that it can be stopped and started again.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Whether this machine has a Redis server. */
export const hasRedis = (): boolean => spawnSync('redis-server', ['--version']).status === 0;

/** A port that nobody uses now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

export class RedisServer {
  readonly #args: readonly string[];
  readonly address: string;
  #child: ChildProcess | undefined;

  private constructor(port: number, args: readonly string[]) {
    this.#args = args;
    this.address = `redis://127.0.0.1:${port}`;
  }

  /** @param more further settings, such as `--requirepass` */
  static async start(folder: string, more: readonly string[] = []): Promise<RedisServer> {
    const port = await freePort();
    const keep = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];
    const where = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
    const server = new RedisServer(port, [...where, ...keep, ...more]);
    await server.up();
    return server;
  }

  async up(): Promise<void> {
    const child = spawn('redis-server', this.#args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        if (text.includes('Ready to accept connections')) resolve();
      });
      child.on('exit', (code) => reject(new Error(`redis-server ended with ${code}`)));
      child.on('error', reject);
    });
  }

  async down(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}
