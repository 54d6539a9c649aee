// What a person gives the page to open: files that were dropped or picked, as one folder, archive or list of pictures.

import { directoryOpen, fileOpen } from 'browser-fs-access';

/** A file, by its path inside the folder. */
export interface GivenFile {
  readonly path: string;
  readonly file: Blob;
}

/** What is to be opened. */
export type Given =
  | { readonly kind: 'folder'; readonly name: string; readonly files: readonly GivenFile[] }
  | { readonly kind: 'npz' | 'zip'; readonly name: string; readonly file: Blob };

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

/**
 * Files as what they are together.
 *
 * @throws RangeError if there is nothing to open
 */
export function givenOf(files: readonly GivenFile[]): Given {
  const [first] = files;
  if (!first) throw new RangeError('there are no files in it.');
  const archive = /\.(npz|zip)$/i.exec(first.path);
  if (files.length === 1 && archive) {
    const [, ending] = archive;
    const name = (first.path.split('/').at(-1) as string).slice(
      0,
      archive.index - first.path.length,
    );
    return { kind: ending.toLowerCase() as 'npz' | 'zip', name, file: first.file };
  }
  const tree = withoutTop(files.map(({ path }) => path));
  return {
    kind: 'folder',
    name: tree.top || 'pictures',
    files: files.map(({ file }, i) => ({ path: tree.paths[i], file })),
  };
}

/** Paths without the folder that all of them are in. */
export function withoutTop(paths: readonly string[]): { top: string; paths: readonly string[] } {
  const own = paths.filter((path) => !path.startsWith('__MACOSX/'));
  const [top] = own[0]?.split('/') ?? [];
  const isInTop = own.length > 0 && own.every((path) => path.startsWith(`${top}/`));
  return isInTop
    ? { top, paths: paths.map((path) => path.replace(`${top}/`, '')) }
    : { top: '', paths };
}

async function unlessCancelled<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if ((error as Error).name === 'AbortError') return undefined;
    throw error;
  }
}
