// The server of `gfsr annotate`: the built page and, for the browser that has its token, the data set and its marks.

import { basename, resolve } from 'node:path';
import type { ConfigChanges } from '../config/config.ts';
import type { Dataset } from '../data/dataset.ts';
import { contentHash } from '../files/content-hash.ts';
import { callRoute } from './call-route.ts';
import { type LocalServer, type LocalSite, serveLocally } from './local-server.ts';
import type { MarkFile } from './mark-file.ts';
import { markingRoutes } from './marking.ts';
import { Session } from './session.ts';
import { trainingRoutes } from './training-data.ts';
import type { ServerTrainings } from './training-host.ts';

/** What a marking page is for. */
export interface MarkingPage extends Pick<LocalSite, 'onFault'> {
  /** Folder of the built page. */
  readonly page: string;
  readonly dataset: Dataset;
  readonly marks: MarkFile;
  /** What names the data and how it is read, for trainings. */
  readonly settings?: ConfigChanges;
  /** Trains for the page; absent: the page trains by itself. */
  readonly trainings?: ServerTrainings;
  /** Called with the next address after one was used: another browser may be opened with it. */
  readonly onUsed?: (next: string) => void;
}

export interface MarkingServer extends LocalServer {
  /** The token that is valid now. */
  readonly token: string;
  /** Opens the page in one browser. */
  readonly address: string;
}

/** Ports that are nobody's: those from 49152 on, of which some at the end are left out. */
const PORTS = { first: 49_152, count: 16_000 };

/** The port of the page for a file of marks: always the same, so that the browser finds there what it has kept. */
export const portOf = (path: string): number =>
  PORTS.first + (Number.parseInt(contentHash(resolve(path)).slice(0, 8), 16) % PORTS.count);

/**
 * @param port 0 = any that is free; absent: that of the file of marks, or any if somebody else has it
 * @throws RangeError if the port is in use or not allowed
 */
export async function serveMarkingPage(
  { page, dataset, marks, settings = {}, trainings, onUsed, onFault }: MarkingPage,
  port?: number,
): Promise<MarkingServer> {
  const addressOf = (token: string) => `${server.url}#token=${token}`;
  const session = new Session((next) => onUsed?.(addressOf(next)));
  const routes = [
    ...markingRoutes(dataset, marks, basename(marks.path), trainings !== undefined),
    ...trainingRoutes(dataset, marks.path, settings),
    ...(trainings ? [callRoute(trainings.handlers)] : []),
  ];
  const site = {
    folders: { '': page },
    pages: { '/': 'served.html' },
    routes: [session.route(), ...session.guard(routes)],
    onFault,
  };
  const server = await (port === undefined
    ? serveLocally(site, portOf(marks.path)).catch(() => serveLocally(site))
    : serveLocally(site, port));
  return {
    ...server,
    get token() {
      return session.token;
    },
    get address() {
      return addressOf(session.token);
    },
  };
}
