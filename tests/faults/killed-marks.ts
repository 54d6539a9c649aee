// The server of the marking page killed while it saves marks: the file is whole, and has every mark that was confirmed.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { Random } from '../../engine/core/random.ts';
import { parseAnnotations, type Stroke } from '../../gfsr/annotation/annotations.ts';
import { loadDataset } from '../../gfsr/data/load.ts';
import { serveLocally } from '../../gfsr/serve/local-server.ts';
import { MarkFile, revisionOf } from '../../gfsr/serve/mark-file.ts';
import { markingRoutes } from '../../gfsr/serve/marking.ts';
import { writeTiny } from '../support/tiny-data.ts';

const FLAGS = ['--conditions=gfsr-source', '--import', 'tsx'];
/** Images that are marked, one after the other. */
const IMAGES = 6;

const strokesOf = (n: number): Stroke[] => [
  {
    kind: 'scribble',
    sign: 'positive',
    points: [
      [1, 1],
      [n % 12, 5],
      [8, 8],
    ],
    radius: 1,
  },
];

/**
 * Marks images over a connection until it breaks. Returns what was confirmed and what was under way, by image.
 *
 * @param onConfirmed is told how many marks were confirmed
 */
async function mark(url: string, onConfirmed: (count: number) => void) {
  const confirmed = new Map<number, readonly Stroke[]>();
  const revisions = new Map<number, string>();
  for (let n = 0; ; n++) {
    const image = n % IMAGES;
    const strokes = strokesOf(n);
    const under = { image, strokes };
    try {
      const answer = await fetch(`${url}api/marks/${image}`, {
        method: 'PUT',
        headers: { 'if-match': `"${revisions.get(image) ?? revisionOf([])}"` },
        body: JSON.stringify({ strokes }),
      });
      assert.is(answer.status, 200);
      revisions.set(image, ((await answer.json()) as { revision: string }).revision);
      confirmed.set(image, strokes);
      onConfirmed(n + 1);
    } catch (error) {
      if (error instanceof assert.Assertion) throw error;
      return { confirmed, under };
    }
  }
}

export async function killedMarks(folder: string, time: number): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const data = writeTiny(folder);
  const path = join(folder, 'marks.json');
  const child = spawn(process.execPath, [...FLAGS, fileURLToPath(import.meta.url), data, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = await once(child.stdout.setEncoding('utf8'), 'data');
  const random = new Random(time, 'kill');
  const last = 1 + random.int(20);
  const { confirmed, under } = await mark(String(url).trim(), (count) => {
    // Somewhere in one of the next requests.
    if (count === last) setTimeout(() => child.kill('SIGKILL'), 10 * random.uniform());
  });
  const { annotations } = parseAnnotations(readFileSync(path, 'utf8'), undefined, path);
  const { train } = await loadDataset(data);
  for (const [image, strokes] of confirmed) {
    const saved = annotations.find(({ image: id }) => id === train.ids[image])?.strokes;
    const isNewer =
      image === under.image && JSON.stringify(saved) === JSON.stringify(under.strokes);
    if (!isNewer) assert.equal(saved, strokes, `image ${image}`);
  }
}

/** The child: serves the marks of a data set until it is killed. */
async function serve(data: string, path: string): Promise<void> {
  const dataset = await loadDataset(data);
  const marks = await MarkFile.open(path, dataset, 'ann');
  const { url } = await serveLocally({
    folders: {},
    routes: markingRoutes(dataset, marks, 'marks.json'),
  });
  console.log(url);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await serve(process.argv[2], process.argv[3]);
}
