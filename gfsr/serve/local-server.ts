// An HTTP server for pages on this machine only: it outlives every request, and gives out nothing but what it is told.

import { createReadStream, realpathSync, statSync } from 'node:fs';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, posix, sep } from 'node:path';
import { pipeline, Readable } from 'node:stream';

/** What a route answers. */
export interface Reply {
  /** Default 200. */
  readonly status?: number;
  /** Text, bytes, nothing, or text that comes bit by bit. */
  readonly body?: string | Uint8Array | AsyncIterable<string>;
  /** Media type. Default plain text. */
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a route is asked. */
export interface Question {
  /** What follows the path of the route. */
  readonly rest: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Reads the body as bytes. @throws RangeError if it is longer than `most` */
  readonly body: (most: number) => Promise<Uint8Array>;
}

/** An address that computes its answer. A RangeError that it throws is answered with 400 and its message. */
export interface Route {
  readonly method: 'GET' | 'PUT' | 'POST';
  /** "/api/images/": everything that begins so, if it ends with a slash; otherwise this address alone. */
  readonly path: string;
  readonly answer: (question: Question) => Reply | Promise<Reply>;
}

/** What a local server serves. */
export interface LocalSite {
  /** First part of an address → folder whose files are given out under it; '' = the root. */
  readonly folders: Readonly<Record<string, string>>;
  /** Addresses with a file of another name: { '/': 'index.html' }. */
  readonly pages?: Readonly<Record<string, string>>;
  readonly routes?: readonly Route[];
  /** Sources that pages may run scripts from, beside this server: "'sha256-…'", "'wasm-unsafe-eval'". */
  readonly scripts?: readonly string[];
  /** A fault of the server itself; the page is told nothing but that there was one. */
  readonly onFault?: (error: unknown) => void;
}

/** A server that runs. */
export interface LocalServer {
  /** With a slash at its end. */
  readonly url: string;
  readonly port: number;
  /** Ends all connections. */
  readonly close: () => Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Other names that lead to this machine (DNS rebinding) are turned away. */
const HOSTS = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Serves a site on 127.0.0.1. Requests of other hosts and of pages from elsewhere get 403, bad addresses 400, unknown
 * ones 404, methods that an address does not have 405.
 *
 * @param port 0 = any that is free
 * @throws RangeError if the port is in use or not allowed
 */
export async function serveLocally(site: LocalSite, port = 0): Promise<LocalServer> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(`port: got ${port}, expected a whole number from 0 to 65535.`);
  }
  const headers = securityHeaders(site.scripts ?? []);
  const server = createServer(async (request, response) => {
    try {
      await respond(site, request, response, headers);
    } catch (error) {
      site.onFault?.(error);
      if (response.headersSent) response.destroy();
      else send(request, response, { status: 500, body: 'the server failed' }, headers);
    }
  });
  server.on('clientError', (_, socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be used (${error.message})`;
      reject(new RangeError(`port ${port} ${why}. Choose another one, or 0 for any that is free.`));
    });
    server.listen(port, '127.0.0.1', () => {
      const { port: used } = server.address() as AddressInfo;
      const close = () =>
        new Promise<void>((closed) => {
          server.close(() => closed());
          server.closeAllConnections();
        });
      resolve({ url: `http://127.0.0.1:${used}/`, port: used, close });
    });
  });
}

/** What a page may do: load from here alone, run no code from elsewhere, and be framed by nobody. */
function securityHeaders(scripts: readonly string[]): Record<string, string> {
  const run = ["'self'", ...scripts].join(' ');
  return {
    'content-security-policy': `default-src 'self'; script-src ${run}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}

type Headers = Readonly<Record<string, string>>;

async function respond(
  site: LocalSite,
  request: IncomingMessage,
  response: ServerResponse,
  headers: Headers,
): Promise<void> {
  const answer = (reply: Reply) => send(request, response, reply, headers);
  if (!isOurs(request)) return answer({ status: 403, body: 'forbidden: not asked from this page' });
  const address = addressOf(request.url ?? '');
  if (!address) return answer({ status: 400, body: 'bad request: the address cannot be read' });
  const { path, query } = address;
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const routes = (site.routes ?? []).filter((route) => matches(route, path));
  const route = routes.find((each) => each.method === method);
  if (route) {
    const body = (most: number) => readBody(request, most);
    const question = { rest: path.slice(route.path.length), query, headers: request.headers, body };
    return answer(await answerOf(route, question));
  }
  if (routes.length > 0 || method !== 'GET') {
    const allow = routes.length > 0 ? routes.map((each) => each.method).join(', ') : 'GET, HEAD';
    return answer({ status: 405, body: `only ${allow}`, headers: { allow } });
  }
  const file = fileAt(path, site);
  if (!file) return answer({ status: 404, body: 'not found' });
  const type = TYPES[extname(file)] ?? 'application/octet-stream';
  if (request.method === 'HEAD') return answer({ type });
  const content = createReadStream(file);
  content.once('open', () => response.writeHead(200, { ...headers, 'content-type': type }));
  content.once('error', () =>
    response.headersSent ? response.destroy() : answer({ status: 404, body: 'not found' }),
  );
  content.pipe(response);
}

/** Whether the request names this machine, and no page from elsewhere sent it. */
function isOurs({ headers: { host = '', origin } }: IncomingMessage): boolean {
  const name = host.replace(/:\d+$/, '');
  return HOSTS.includes(name) && (origin === undefined || origin === `http://${host}`);
}

/** The path, normal and decoded, and the query; undefined for an address that cannot be read. */
function addressOf(url: string): { path: string; query: URLSearchParams } | undefined {
  try {
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    const path = decodeURIComponent(pathname);
    return path.includes('\0') ? undefined : { path: posix.normalize(path), query: searchParams };
  } catch {
    return undefined;
  }
}

const matches = ({ path: own }: Route, path: string): boolean =>
  own.endsWith('/') ? path.startsWith(own) : path === own;

async function answerOf(route: Route, question: Question): Promise<Reply> {
  try {
    return await route.answer(question);
  } catch (error) {
    if (error instanceof RangeError) return { status: 400, body: error.message };
    throw error;
  }
}

function send(
  { method }: Pick<IncomingMessage, 'method'>,
  response: ServerResponse,
  { status = 200, body = '', type = 'text/plain; charset=utf-8', headers: more = {} }: Reply,
  headers: Headers,
): void {
  response.writeHead(status, { ...headers, 'content-type': type, ...more });
  if (typeof body === 'string' || body instanceof Uint8Array || method === 'HEAD') {
    response.end(method === 'HEAD' ? undefined : body);
    return;
  }
  // Nobody may be there any more who reads the rest.
  pipeline(Readable.from(body), response, () => {});
}

async function readBody(request: IncomingMessage, most: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > most) throw new RangeError(`the request has over ${most} bytes.`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** The file that a path names: none outside of the site's folders, and no link that leads out of them. */
function fileAt(path: string, { folders, pages = {} }: LocalSite): string | undefined {
  const asked = Object.hasOwn(pages, path) ? pages[path] : path.slice(1);
  const found = Object.entries(folders).find(
    ([name]) => name === '' || asked.startsWith(`${name}/`),
  );
  if (!found) return undefined;
  const [name, folder] = found;
  try {
    const file = realpathSync(join(folder, asked.slice(name.length)));
    const inside = file.startsWith(realpathSync(folder) + sep);
    return inside && statSync(file).isFile() ? file : undefined;
  } catch {
    return undefined; // not there, a name too long, or a file where a folder is meant
  }
}
