// The page's side of the server of `gfsr annotate`.

import type { Stroke } from '../gfsr/annotation/annotations.ts';
import type { ImageMarks } from '../gfsr/serve/mark-file.ts';
import type { MarkedDataset } from '../gfsr/serve/marking.ts';

export type { ImageMarks, MarkedDataset };

/** The server refused, with its words. Trying again does not help. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** Enters with the token of the address, if it has one, and takes it out of the address. */
export async function enter(): Promise<void> {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return;
  history.replaceState(null, '', location.pathname);
  // A token that was used before leaves the cookie that it bought; without one, the next request says what to do.
  await fetch('/api/session', { method: 'POST', body: token });
}

export async function fetchDataset(): Promise<MarkedDataset> {
  return (await ask('/api/dataset')).json();
}

/** Bytes [n, C, H, W] of the images `from` … `to` − 1. */
export async function fetchImages(from: number, to: number): Promise<Uint8Array> {
  return new Uint8Array(await (await ask(`/api/images/${from}-${to}`)).arrayBuffer());
}

/**
 * Replaces the strokes of an image.
 *
 * @throws RefusedError if the server says no; another error if it cannot be reached
 */
export async function putMarks(
  image: number,
  strokes: readonly Stroke[],
  revision: string,
): Promise<ImageMarks> {
  const answer = await ask(`/api/marks/${image}`, {
    method: 'PUT',
    headers: { 'if-match': `"${revision}"` },
    body: JSON.stringify({ strokes }),
  });
  return answer.json();
}

async function ask(path: string, init?: RequestInit): Promise<Response> {
  const answer = await fetch(path, init);
  if (answer.ok) return answer;
  throw new RefusedError(await answer.text());
}
