// Damaged requests over a raw socket to the server of `gfsr annotate`, with its cookie and without.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../../engine/core/random.ts';
import { readMedmnist } from '../../gfsr/data/medmnist.ts';
import type { LocalServer } from '../../gfsr/serve/local-server.ts';
import { MarkFile, revisionOf } from '../../gfsr/serve/mark-file.ts';
import { serveMarkingPage } from '../../gfsr/serve/marking-page.ts';
import { npz } from '../support/npz.ts';
import { tinyArrays } from '../support/tiny-data.ts';
import { mutate, pick } from './mutation.ts';
import type { Counts } from './readers.ts';
import { LINE_MUTATIONS } from './texts.ts';
import { bytesOf, JSON_MUTATIONS } from './values.ts';

/** Its name among the targets. */
export const SERVER = 'server';

/** A connection on which nothing comes any more is given up after this time. */
const SILENT_MS = 5000;

interface Running {
  readonly server: LocalServer;
  readonly cookie: string;
  readonly faults: unknown[];
  readonly folder: string;
}

async function start(): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'gfsr-fuzz-server-'));
  writeFileSync(join(folder, 'served.html'), '<!doctype html>');
  const arrays = { ...tinyArrays(6, 'train'), ...tinyArrays(4, 'val'), ...tinyArrays(4, 'test') };
  const dataset = readMedmnist(npz(arrays), 'tiny');
  const marks = await MarkFile.open(join(folder, 'marks.json'), dataset, 'ann');
  const faults: unknown[] = [];
  const onFault = (error: unknown) => void faults.push(error);
  const server = await serveMarkingPage({ page: folder, dataset, marks, onFault });
  const entered = await fetch(`${server.url}api/session`, { method: 'POST', body: server.token });
  const cookie = String(entered.headers.get('set-cookie')).split(';')[0];
  return { server, cookie, faults, folder };
}

const STROKES = JSON.stringify({
  strokes: [
    { kind: 'click', sign: 'positive', points: [[3, 4]], radius: 2 },
    {
      kind: 'polygon',
      sign: 'negative',
      points: [
        [1, 1],
        [9, 1],
        [9, 9],
      ],
    },
    { kind: 'mask', sign: 'unknown', points: [], mask: { size: [12, 12], counts: [20, 124] } },
  ],
});

interface Request {
  readonly bytes: Uint8Array;
  /** Whether it must be turned away: it lacks the cookie, or comes from elsewhere. */
  readonly isStranger: boolean;
}

/** A request of the page, changed in one way or several. */
function requestOf(random: Random, host: string, cookie: string): Request {
  const [method, path, body] = pick(
    [
      ['GET', '/api/dataset', ''],
      ['GET', '/api/images/0-4', ''],
      ['PUT', `/api/marks/${random.int(6)}`, STROKES],
      ['POST', '/api/session', 'token'],
      ['GET', '/', ''],
    ] as const,
    random,
  );
  const content = body === STROKES ? mutate(bytesOf(body), JSON_MUTATIONS, random) : bytesOf(body);
  const stranger = random.int(8);
  const isApi = path.startsWith('/api/') && !path.endsWith('session');
  const headers = [
    `Host: ${stranger === 1 ? pick(['attacker.test', '0.0.0.0', ''], random) : host}`,
    ...(stranger === 2 ? [`Origin: ${pick(['http://attacker.test', 'null'], random)}`] : []),
    `Cookie: ${stranger === 3 ? pick(['', 'gfsr-0=1', cookie.slice(0, -1)], random) : cookie}`,
    `If-Match: "${revisionOf([])}"`,
    ...(body === '' ? [] : [`Content-Length: ${content.length}`]),
    'Connection: close',
  ];
  const head = bytesOf(`${method} ${path} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
  if (stranger >= 1 && stranger <= 3) {
    const bytes = new Uint8Array(Buffer.concat([head, content]));
    return { bytes, isStranger: stranger < 3 || isApi };
  }
  const changed = random.int(2) === 0 ? head : mutate(head, LINE_MUTATIONS, random);
  return { bytes: new Uint8Array(Buffer.concat([changed, content])), isStranger: false };
}

/** Sends the bytes and ends; resolves with what came back. */
function send(port: number, bytes: Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
    socket.on('data', (part) => parts.push(part));
    socket.setTimeout(SILENT_MS, () => socket.destroy());
    socket.once('error', () => {});
    socket.once('close', () => resolve(Buffer.concat(parts).toString('latin1')));
  });
}

/** What is wrong with the answers to a request; undefined if nothing is. */
function faultIn(answer: string, { isStranger }: Request): string | undefined {
  const statuses = [...answer.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status);
  const bad = statuses.find((status) => status.startsWith('5'));
  if (bad !== undefined) return `status ${bad}: ${answer.slice(0, 400)}`;
  if (isStranger && !statuses.every((status) => status === '403' || status === '400')) {
    return `a stranger got status ${statuses}`;
  }
  return undefined;
}

/** Sends `count` requests from number `from` on, and asks afterwards whether the server still answers. */
export async function fuzzServer(
  seed: number,
  from: number,
  count: number,
  onFault: (n: number, request: Uint8Array, message: string) => void,
): Promise<Counts> {
  const { server, cookie, faults, folder } = await start();
  const counts: Counts = { read: 0, refused: 0, fault: 0 };
  const host = `127.0.0.1:${server.port}`;
  for (let n = from; n < from + count; n++) {
    const request = requestOf(new Random(seed, `${SERVER} ${n}`), host, cookie);
    const answer = await send(server.port, request.bytes);
    const fault = faultIn(answer, request) ?? faults.splice(0).map(String)[0];
    if (fault !== undefined) onFault(n, request.bytes, fault);
    if (fault !== undefined) counts.fault++;
    else if (/^HTTP\/1\.1 2/.test(answer)) counts.read++;
    else counts.refused++;
  }
  const last = await fetch(`${server.url}api/dataset`, { headers: { cookie } });
  if (last.status !== 200) {
    counts.fault++;
    onFault(from + count, new Uint8Array(), `the server answers ${last.status} afterwards`);
  }
  await server.close();
  rmSync(folder, { recursive: true, force: true });
  return counts;
}
