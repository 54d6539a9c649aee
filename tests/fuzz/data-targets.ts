// Readers of data: images of every kind, arrays, manifests, folders of classes.

import { classFolderManifest } from '../../gfsr/data/class-folders.ts';
import { imagesToBytes } from '../../gfsr/data/formats/images-to-bytes.ts';
import { readImages } from '../../gfsr/data/formats/read-images.ts';
import { imageFolderDataset } from '../../gfsr/data/image-folder.ts';
import { readManifest } from '../../gfsr/data/manifest.ts';
import { readMedmnist } from '../../gfsr/data/medmnist.ts';
import { parseNpy } from '../../gfsr/data/npy.ts';
import { decodeText } from '../../gfsr/files/decode-text.ts';
import { encodePng } from '../../gfsr/image/png-encode.ts';
import { decodeSafetensors, encodeSafetensors } from '../../model/safetensors.ts';
import { npz } from '../support/npz.ts';
import { tinyArrays } from '../support/tiny-data.ts';
import {
  GZIP_MUTATIONS,
  NPY_MUTATIONS,
  PNG_MUTATIONS,
  SAFETENSORS_MUTATIONS,
  ZIP_MUTATIONS,
} from './containers.ts';
import type { Mutation } from './mutation.ts';
import { dicomFiles, jpegFiles, niftiFiles, npyFiles, pngFiles } from './samples.ts';
import { FUZZED, named, type Target } from './target.ts';
import { LINE_MUTATIONS } from './texts.ts';
import { bytesOf } from './values.ts';

const picture = encodePng({ width: 4, height: 4, channels: 1, data: new Uint8Array(16) });

const image = (
  name: string,
  seeds: Target['seeds'],
  samples: RegExp,
  mutations: readonly Mutation[],
): Target => ({
  ...{ name, seeds, samples, mutations },
  async read(bytes) {
    const { images } = await readImages(bytes, FUZZED);
    return imagesToBytes(images, 'percentiles');
  },
});

const npzSeeds = (): Uint8Array[] => [
  npz({ ...tinyArrays(6, 'train'), ...tinyArrays(4, 'val'), ...tinyArrays(4, 'test') }),
  npz({ ...tinyArrays(6, 'train', { masks: false }), ...tinyArrays(4, 'val', { masks: false }) }),
];

/** Enough rows for three splits to be drawn. */
const rows = (row: (i: number, label: string) => string): string =>
  Array.from({ length: 24 }, (_, i) => row(i, i % 2 ? 'cat' : 'dog')).join('\n');

const MANIFESTS = [
  'file,label,split,mask\na.png,0,train,m.png\nb.png,1,val,\nc.png,1,test,\nd.png,0,train,\n',
  `file;label;patient\n${rows((i, label) => `"a;${i}.png";${label};p${i}`)}\n`,
  `file\tlabel\n${rows((i, label) => `${i}.png\t${label}`)}\n`,
];

const FOLDERS = [
  `${rows((i, label) => `${label}/${i}.png`)}\n`,
  'train/x/a.png\ntrain/y/b.jpg\nval/x/b.dcm\ntest/y/c.png\n',
];

export const dataTargets: readonly Target[] = [
  image('png', pngFiles, /\.png$/i, PNG_MUTATIONS),
  image('jpeg', jpegFiles, /\.jpe?g$/i, []),
  image('dicom', dicomFiles, /\.dcm$/i, []),
  image('nifti', niftiFiles, /\.nii(\.gz)?$/i, GZIP_MUTATIONS),
  image('numpy image', npyFiles, /\.npy$/i, NPY_MUTATIONS),
  {
    ...{ name: 'npy', seeds: npyFiles, samples: /\.npy$/i, mutations: NPY_MUTATIONS },
    read: (bytes) => parseNpy(bytes, FUZZED),
  },
  {
    ...{ name: 'npz', seeds: npzSeeds, samples: /\.npz$/i, mutations: ZIP_MUTATIONS },
    read: (bytes) => readMedmnist(bytes, FUZZED),
  },
  {
    ...{ name: 'safetensors', samples: /\.safetensors$/i, mutations: SAFETENSORS_MUTATIONS },
    seeds: () => [
      encodeSafetensors(
        new Map([
          ['a', { shape: [2, 3], data: new Float32Array(6) }],
          ['b', { shape: [], data: new Float32Array(1) }],
        ]),
        { format: 'pt' },
      ),
    ],
    read: (bytes) => named(() => decodeSafetensors(bytes)),
  },
  {
    ...{ name: 'manifest', samples: /manifest\.(csv|tsv)$/i, mutations: LINE_MUTATIONS },
    seeds: () => MANIFESTS.map(bytesOf),
    read: (bytes) => readManifest(decodeText(bytes, FUZZED), FUZZED),
  },
  {
    ...{ name: 'image folder', samples: /^$/, mutations: LINE_MUTATIONS },
    seeds: () => MANIFESTS.map(bytesOf),
    read: (bytes) => imageFolderDataset(decodeText(bytes, FUZZED), () => picture, { name: FUZZED }),
  },
  {
    ...{ name: 'image of a folder', samples: /\.png$/i, mutations: PNG_MUTATIONS, seeds: pngFiles },
    read: (bytes) => imageFolderDataset(MANIFESTS[2], () => bytes, { name: FUZZED }),
  },
  {
    ...{ name: 'class folders', samples: /^$/, mutations: LINE_MUTATIONS },
    seeds: () => FOLDERS.map(bytesOf),
    read: (bytes) => {
      const paths = new TextDecoder().decode(bytes).split('\n');
      const text = classFolderManifest(paths, FUZZED);
      return imageFolderDataset(text, () => picture, { name: FUZZED });
    },
  },
];
