// Reads data sets off the thread that draws, with the readers of the command line, and keeps them in this browser.

import type { Dataset, Split } from '../../gfsr/data/dataset.ts';
import { type FileFolder, manifestOf, readFolder } from '../../gfsr/data/folder.ts';
import { isImageName } from '../../gfsr/data/formats/read-images.ts';
import { identifyingBytes } from '../../gfsr/data/identifying-bytes.ts';
import { formatManifest, readManifest, rowsAsRead } from '../../gfsr/data/manifest.ts';
import { readMedmnist } from '../../gfsr/data/medmnist.ts';
import { prepareDataset } from '../../gfsr/data/prepare.ts';
import { contentHashLater } from '../../gfsr/files/web-hash.ts';
import { readZip } from '../../gfsr/files/zip.ts';
import type { Port } from '../../gfsr/serve/messages.ts';
import { serveCalls } from '../../gfsr/serve/serve-calls.ts';
import { createProject, hasProject } from '../storage/browser-project.ts';
import { MANIFEST, privateFiles } from '../storage/private-files.ts';
import { decodePool } from './decode-pool.ts';
import { type Given, withoutTop } from './given.ts';
import type { Fault, Preview, ReadingCalls, ReadRequest, Shape } from './messages.ts';
import { provideBuffer } from './node-buffer.ts';
import { previewOf, suggestedShape } from './preview.ts';

/** Pictures that are looked at before a shape is suggested. */
const LOOKED_AT = 12;

const decoder = decodePool();
let latest:
  | { readonly dataset: Dataset; readonly preview: Preview; readonly manifest?: string }
  | undefined;
/** An archive is unpacked only once. */
let unpacked: { readonly file: Blob; readonly folder: FileFolder } | undefined;

const bytesOf = async (file: Blob): Promise<Uint8Array> => new Uint8Array(await file.arrayBuffer());

async function folderOf(given: Given, manifest?: string): Promise<FileFolder> {
  const folder = given.kind === 'folder' ? givenFolder(given) : await zipFolder(given);
  if (manifest === undefined) return folder;
  const text = new TextEncoder().encode(manifest);
  return {
    ...folder,
    has: (path) => path === 'manifest.csv',
    read: (path) => (path === 'manifest.csv' ? text : folder.read(path)),
  };
}

function givenFolder({ name, files }: Given & { kind: 'folder' }): FileFolder {
  const byPath = new Map(files.map(({ path, file }) => [path, file]));
  return folderIn(name, byPath, bytesOf);
}

async function zipFolder({ name, file }: Given & { kind: 'npz' | 'zip' }): Promise<FileFolder> {
  if (unpacked?.file === file) return unpacked.folder;
  const entries = readZip(await bytesOf(file), { where: name }).filter(
    (entry) => !entry.name.endsWith('/'),
  );
  const { paths } = withoutTop(entries.map((entry) => entry.name));
  const byPath = new Map(entries.map((entry, i) => [paths[i], entry]));
  const folder = folderIn(name, byPath, (entry) => entry.read());
  unpacked = { file, folder };
  return folder;
}

function folderIn<T>(
  name: string,
  files: ReadonlyMap<string, T>,
  read: (file: T) => Uint8Array | Promise<Uint8Array>,
): FileFolder {
  return {
    name,
    has: (path) => files.has(path),
    paths: () => [...files.keys()],
    read(path) {
      const file = files.get(path);
      if (file) return read(file);
      throw new RangeError(`cannot read "${path}": no such file.`);
    },
  };
}

/** Pictures of a folder that does not say their classes; none if it does. */
async function unlabelled(folder: FileFolder): Promise<readonly string[]> {
  if (folder.has('manifest.csv') || folder.has('manifest.tsv')) return [];
  const pictures = (await folder.paths()).filter(isImageName).sort();
  return pictures.some((path) => !path.includes('/')) ? pictures : [];
}

/** A shape for a folder, from some of its pictures. What cannot be read is a fault later. */
async function lookAt(folder: FileFolder): Promise<Shape> {
  const { rows } = readManifest(await manifestOf(folder), folder.name);
  const step = Math.max(1, Math.floor(rows.length / LOOKED_AT));
  const some = rows.filter((_, i) => i % step === 0).slice(0, LOOKED_AT);
  const sizes: (readonly [number, number])[] = [];
  for (const { file } of some) {
    try {
      const { images } = await decoder.decode(await folder.read(file), file);
      sizes.push([images[0].height, images[0].width]);
    } catch {}
  }
  return suggestedShape(sizes);
}

async function read(
  { given, shape: wanted, manifest }: ReadRequest,
  report: (progress: [number, number]) => void,
): Promise<Preview> {
  latest = undefined;
  const faults: Fault[] = [];
  let plain: Dataset;
  let shape: Shape;
  let text: string | undefined;
  if (given.kind === 'npz') {
    report([0, 1]);
    plain = readMedmnist(await bytesOf(given.file), given.name);
    shape = wanted ?? suggestedShape([[plain.height, plain.width]]);
  } else {
    const folder = await folderOf(given, manifest);
    text = await manifestOf(folder);
    shape = wanted ?? (await lookAt(folder));
    plain = await readFolder(folder, {
      ...shape,
      decoder,
      onFile: (done, all) => report([done, all]),
      onFault: (file, { message }) => faults.push({ file, why: message }),
    });
  }
  const dataset = prepareDataset(plain, shape);
  const preview = previewOf(dataset, originalSizes(plain.train), shape, faults);
  const rows = text === undefined ? undefined : readManifest(text, given.name).rows;
  // With its splits: they are drawn by class, and must stay when a class is corrected.
  latest = {
    dataset,
    preview,
    ...(rows && { manifest: formatManifest(rowsAsRead(rows, dataset)) }),
  };
  return preview;
}

/** Sizes in the files, where the reader has made squares of them. */
const originalSizes = ({ placements }: Split): readonly (readonly [number, number])[] =>
  placements?.map(({ from }) => from) ?? [];

provideBuffer();
serveCalls<ReadingCalls>(globalThis as unknown as Port, {
  look: async (given) => (given.kind === 'npz' ? [] : unlabelled(await folderOf(given))),
  read: (request, { report }) => read(request, report),
  async keep({ isOnce, dataset = latest?.dataset }) {
    if (!dataset) throw new RangeError('nothing was read.');
    const settings = {
      source: dataset.name,
      ...(dataset === latest?.dataset && latest.preview.shape),
    };
    const id = isOnce ? await contentHashLater(...identifyingBytes(dataset)) : crypto.randomUUID();
    const isKnown = await hasProject(id);
    if (isKnown) return { id, isKnown };
    await createProject(id, dataset, settings);
    if (dataset === latest?.dataset && latest.manifest !== undefined) {
      await privateFiles(id).write(MANIFEST, latest.manifest);
    }
    return { id, isKnown };
  },
  async keepDemo({ address }) {
    const { keepDemo } = await import('../demo/keep-demo.ts');
    return keepDemo(address);
  },
  async importMarks(input) {
    const { importMarks } = await import('./mark-files.ts');
    return importMarks(input);
  },
  async exportClasses(input) {
    const { exportClasses } = await import('./class-files.ts');
    return exportClasses(input);
  },
  async exportMarks(input) {
    const { exportMarks } = await import('./mark-files.ts');
    return exportMarks(input);
  },
});
