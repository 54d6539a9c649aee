// How a person gives files: by a dialog of the browser, or by dropping them.

import { directoryOpen, fileOpen } from 'browser-fs-access';
import { type Given, type GivenFile, givenOf } from './given.ts';

/** What the page opens, as endings for the dialog of the browser. */
const ENDINGS = ['.npz', '.zip', '.png', '.jpg', '.jpeg', '.dcm', '.dicom', '.ima', '.nii', '.gz'];

/** Asks for a folder. @returns undefined if the person changed their mind */
export const pickFolder = (): Promise<Given | undefined> =>
  unlessCancelled(async () => {
    const files = (await directoryOpen({ recursive: true })) as File[];
    return givenOf(files.map((file) => ({ path: file.webkitRelativePath || file.name, file })));
  });

/** Asks for an archive or for pictures. @returns undefined if the person changed their mind */
export const pickFiles = (): Promise<Given | undefined> =>
  unlessCancelled(async () => {
    const files = await fileOpen({ multiple: true, extensions: ENDINGS });
    return givenOf(files.map((file) => ({ path: file.name, file })));
  });

/** What was dropped. It must be called while the event is handled: afterwards the browser has forgotten it. */
export function droppedFiles(transfer: DataTransfer): Promise<Given> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  return Promise.all(entries.map(filesIn)).then((files) => givenOf(files.flat()));
}

async function filesIn(entry: FileSystemEntry): Promise<GivenFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return [{ path: entry.fullPath.replace(/^\//, ''), file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const inside: GivenFile[] = [];
  // A reader hands out a folder in parts, and an empty one at its end.
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (part.length === 0) return inside;
    inside.push(...(await Promise.all(part.map(filesIn))).flat());
  }
}

async function unlessCancelled<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if ((error as Error).name === 'AbortError') return undefined;
    throw error;
  }
}
