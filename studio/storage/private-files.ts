// Files that only this page can see (the browser's private file system): pixels, descriptors, checkpoints.

/** The folder of all projects. */
const ROOT = 'gfsr-studio';

/** The manifest of a data set that was a folder, with the classes that its files or a person gave. */
export const MANIFEST = 'manifest.csv';

/** A folder of files, flat, with names that may hold "/". */
export interface PrivateFiles {
  /** Bytes `from` … `to` − 1 of a file, by default all. @throws RangeError if there is none of this name */
  read(name: string, from?: number, to?: number): Promise<Uint8Array>;
  /** Replaces a file as a whole: a reader sees the old one or the new one. */
  write(name: string, content: Uint8Array | string): Promise<void>;
  /** Replaces what follows byte `at` of a file. */
  append(name: string, content: Uint8Array, at: number): Promise<void>;
  names(): Promise<string[]>;
  remove(name: string): Promise<void>;
}

/** The files of one project; the folder appears with its first file. */
export function privateFiles(project: string): PrivateFiles {
  const folder = async () =>
    (await (await navigator.storage.getDirectory()).getDirectoryHandle(ROOT, { create: true }))
      // A slash cannot be in a name there.
      .getDirectoryHandle(encodeURIComponent(project), { create: true });
  const create = async (name: string) =>
    (await folder()).getFileHandle(encodeURIComponent(name), { create: true });
  return {
    async read(name, from = 0, to) {
      const handle = await (await folder()).getFileHandle(encodeURIComponent(name)).catch(() => {
        throw new RangeError(`this browser has no file ${name} of the data set any more.`);
      });
      return new Uint8Array(await (await handle.getFile()).slice(from, to).arrayBuffer());
    },
    async write(name, content) {
      const file = await (await create(name)).createWritable();
      await file.write(content as FileSystemWriteChunkType);
      await file.close();
    },
    async append(name, content, at) {
      const file = await (await create(name)).createWritable({ keepExistingData: true });
      await file.truncate(at);
      await file.write({ type: 'write', position: at, data: content as Uint8Array<ArrayBuffer> });
      await file.close();
    },
    async names() {
      const names: string[] = [];
      for await (const name of (await folder()).keys()) names.push(decodeURIComponent(name));
      return names;
    },
    remove: async (name) => (await folder()).removeEntry(encodeURIComponent(name)),
  };
}

/** Deletes the files of one project, or of all of them. */
export async function removePrivateFiles(project?: string): Promise<void> {
  const top = await navigator.storage.getDirectory();
  const remove = (folder: FileSystemDirectoryHandle, name: string) =>
    folder.removeEntry(name, { recursive: true }).catch((error: DOMException) => {
      if (error.name !== 'NotFoundError') throw error;
    });
  if (project === undefined) return remove(top, ROOT);
  const root = await top.getDirectoryHandle(ROOT, { create: true });
  await remove(root, encodeURIComponent(project));
}
