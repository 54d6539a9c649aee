// Numbers in a file without a name, which takes room until it is closed or the process ends (Node only).

import { closeSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../files/make-folder.ts';
import type { Scratch } from '../values.ts';
import { readAll, writeAll } from './file-pixels.ts';

let files = 0;

/** An open file. What can still read from it holds this object. */
interface Held {
  readonly file: number;
  readonly path: string;
  /** Whether its name is gone. Windows keeps that of an open file. */
  readonly isGone: boolean;
}

/** Closes what was not closed, once nobody holds it. */
const forgotten = new FinalizationRegistry<Held>((held) => free(held));

/** @param folder is made if there is none */
export function fileScratch(folder: string): Scratch {
  makeFolder(folder);
  const path = join(folder, `${process.pid}-${++files}.scratch`);
  const file = openSync(path, 'wx+');
  const opened: Held = { file, path, isGone: remove(path) };
  const held: Held = { ...opened };
  forgotten.register(held, opened, held);
  let length = 0;
  let isOpen = true;
  return {
    append(values) {
      writeAll(held.file, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      length += values.length;
    },
    read: () => ({
      length,
      subarray(start, end) {
        const out = new Float32Array(end - start);
        const bytes = new Uint8Array(out.buffer);
        const got = readAll(held.file, bytes, 4 * start);
        if (got < bytes.length) throw new Error(`${path}: ends before value ${end} of ${length}.`);
        return out;
      },
    }),
    close() {
      if (!isOpen) return;
      isOpen = false;
      forgotten.unregister(held);
      free(held);
    },
  };
}

function free({ file, path, isGone }: Held): void {
  closeSync(file);
  if (!isGone) remove(path);
}

function remove(path: string): boolean {
  try {
    rmSync(path);
    return true;
  } catch {
    return false;
  }
}
