// The data sets that are published as one file: where it is found on a disk, where it comes from, and its checksum (Node only).

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../files/atomic-file.ts';

export interface OfficialFile {
  /** For people. */
  readonly title: string;
  /** The name it is published under. */
  readonly file: string;
  /** Of the published file, where its publisher states one. */
  readonly md5?: string;
  /** Where it can be fetched by anyone; absent where it cannot. */
  readonly url?: string;
  /** Where a person finds it. */
  readonly page: string;
  /** Other places in a data folder: copies that are laid out in the same way, but may not be the same bytes. */
  readonly copies: readonly string[];
}

/** MD5 sums and addresses as in `medmnist/info.py` (MedMNIST 2 and 3; its corrected fork for DermaMNIST-C). */
export const OFFICIAL_FILES: ReadonlyMap<string, OfficialFile> = new Map([
  [
    'pneumoniamnist',
    {
      title: 'PneumoniaMNIST',
      file: 'pneumoniamnist.npz',
      md5: '28209eda62fecd6e6a2d98b1501bb15f',
      url: 'https://zenodo.org/records/10519652/files/pneumoniamnist.npz?download=1',
      page: 'https://medmnist.com',
      copies: ['pneumoniamnist/pneumoniamnist.npz', 'pneumoniamnist/pneumoniamnist_28.npz'],
    },
  ],
  [
    'retinamnist',
    {
      title: 'RetinaMNIST',
      file: 'retinamnist.npz',
      md5: 'bd4c0672f1bba3e3a89f0e4e876791e4',
      url: 'https://zenodo.org/records/10519652/files/retinamnist.npz?download=1',
      page: 'https://medmnist.com',
      copies: ['retinamnist/retinamnist.npz'],
    },
  ],
  [
    'dermamnist-c',
    {
      title: 'DermaMNIST-C',
      file: 'dermamnist_corrected_28.npz',
      md5: '96e2862980877d45d9cacb5c25de6950',
      page: 'https://critique.kabhishe.com (Abhishek, Jain & Hamarneh, arXiv 2401.14497)',
      copies: [
        'dermamnist-c/dermamnist_corrected_28.npz',
        'dermamnist-c/dermamnist_c_subset_28.npz',
      ],
    },
  ],
  [
    'busi',
    {
      title: 'BUSI',
      file: 'busi_128_trainval.npz',
      page: 'the images of Al-Dhabyani et al. 2020 at 128 pixels, as arrays {train,val}_{images,labels,masks,mask_index},',
      copies: ['busi/busi_128_trainval.npz'],
    },
  ],
]);

export interface FoundFile {
  readonly path: string;
  readonly md5: string;
  /** Whether these are the bytes that were published; undefined where no checksum is. */
  readonly official?: boolean;
}

/** Looks for the file in a data folder, the published name first. */
export function findOfficial(
  { file, md5, copies }: OfficialFile,
  folder: string,
): FoundFile | undefined {
  const path = [file, ...copies].map((name) => join(folder, name)).find((each) => existsSync(each));
  if (path === undefined) return undefined;
  const sum = md5Of(readFileSync(path));
  return { path, md5: sum, ...(md5 !== undefined && { official: sum === md5 }) };
}

/**
 * Fetches the published file into a data folder and checks it.
 *
 * @throws RangeError in one line that says what to put where, if it cannot be fetched or is not what was published
 */
export async function downloadOfficial(official: OfficialFile, folder: string): Promise<FoundFile> {
  const { file, md5, url } = official;
  const path = join(folder, file);
  if (url === undefined)
    throw notThere(official, folder, 'it is not published as a file that can be fetched');
  let bytes: Uint8Array;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_MS) });
    if (!response.ok) throw new Error(`the server answers ${response.status}`);
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    const { cause, message } = error as Error & { cause?: Error };
    throw notThere(official, folder, `${url} cannot be fetched (${cause?.message ?? message})`);
  }
  const got = md5Of(bytes);
  if (got !== md5) {
    throw notThere(official, folder, `${url} has MD5 ${got}, expected ${md5}`);
  }
  mkdirSync(folder, { recursive: true });
  writeAtomically(path, bytes);
  return { path, md5: got, official: true };
}

const DOWNLOAD_MS = 300_000;

const md5Of = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

function notThere(
  { title, file, md5, page }: OfficialFile,
  folder: string,
  why: string,
): RangeError {
  const sum = md5 === undefined ? '' : ` (MD5 ${md5})`;
  return new RangeError(
    `${title}: ${why}. Put ${file}${sum} from ${page} into ${folder}, or name the folder that has it with --data.`,
  );
}
