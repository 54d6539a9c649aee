// Writes files into a folder of the disk, where the browser has a dialog for folders.

/** Whether nothing in a folder has a name. */
async function isFree(parent: FileSystemDirectoryHandle, name: string): Promise<boolean> {
  try {
    await parent.getDirectoryHandle(name);
    return false;
  } catch (error) {
    return (error as DOMException).name === 'NotFoundError'; // otherwise it is a file
  }
}

/**
 * Writes files into a new folder, so that those of two runs are never mixed.
 *
 * @param name of the new folder; if it is taken, the first of name-2, name-3 … that is not
 * @param files contents by name; a name may have folders
 * @returns the name that the folder has
 */
export async function writeFolder(
  parent: FileSystemDirectoryHandle,
  name: string,
  files: Iterable<readonly [name: string, content: Uint8Array]>,
): Promise<string> {
  let free = name;
  for (let i = 2; !(await isFree(parent, free)); i++) free = `${name}-${i}`;
  const top = await parent.getDirectoryHandle(free, { create: true });
  for (const [path, content] of files) await writeFile(top, path.split('/'), content);
  return free;
}

async function writeFile(
  folder: FileSystemDirectoryHandle,
  [first, ...rest]: readonly string[],
  content: Uint8Array,
): Promise<void> {
  if (rest.length > 0) {
    return writeFile(await folder.getDirectoryHandle(first, { create: true }), rest, content);
  }
  const handle = await folder.getFileHandle(first, { create: true });
  const file = await handle.createWritable();
  await file.write(content as FileSystemWriteChunkType);
  await file.close();
}
