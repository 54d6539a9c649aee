// What a person gives the page to open: files as one folder, archive or list of pictures.

/** A file, by its path inside the folder. */
export interface GivenFile {
  readonly path: string;
  readonly file: Blob;
}

/** What is to be opened. */
export type Given =
  | { readonly kind: 'folder'; readonly name: string; readonly files: readonly GivenFile[] }
  | { readonly kind: 'npz' | 'zip'; readonly name: string; readonly file: Blob };

/**
 * Files as what they are together.
 *
 * @throws RangeError if there is nothing to open
 */
export function givenOf(files: readonly GivenFile[]): Given {
  const [first] = files;
  if (!first) throw new RangeError('there are no files in it.');
  if (files.length === 1 && /\.safetensors$/i.test(first.path)) {
    throw new RangeError(
      `${first.path} holds weights, not images. Open images, and choose the weights on the Train screen.`,
    );
  }
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
