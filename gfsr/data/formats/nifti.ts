// Slices of NIfTI volumes, seen as radiologists see them whatever the order of the voxels.

import {
  checkSize,
  type DeepImage,
  type ImageFormat,
  type ResolvedOptions,
  type SliceAxis,
  startsWith,
} from './format.ts';
import { type NiftiFile, niftiVersion, openNifti } from './nifti-file.ts';

export const nifti: ImageFormat = {
  name: 'NIfTI',
  extensions: ['.nii', '.nii.gz'],
  recognises: (bytes) => niftiVersion(bytes) !== undefined || startsWith(bytes, [0x1f, 0x8b]),
  read(bytes, options) {
    const file = openNifti(bytes, options);
    const images = sliceImages(file, options);
    return { images, notes: images.length > 1 ? [describeAxis(options.axis)] : [] };
  },
};

/** Directions of the body: an axis of the affine, and which way along it. */
interface Direction {
  readonly body: 0 | 1 | 2;
  /** 1 is to the right, to the front, up. */
  readonly sign: 1 | -1;
}

/** Of each view: along what the slices follow one another, and which ways columns and rows of the picture run. */
const VIEWS: Readonly<Record<SliceAxis, { slice: Direction; x: Direction; y: Direction }>> = {
  // The patient's right is at the left of the picture, as if seen from the feet.
  axial: { slice: { body: 2, sign: 1 }, x: { body: 0, sign: -1 }, y: { body: 1, sign: -1 } },
  coronal: { slice: { body: 1, sign: 1 }, x: { body: 0, sign: -1 }, y: { body: 2, sign: -1 } },
  sagittal: { slice: { body: 0, sign: 1 }, x: { body: 1, sign: -1 }, y: { body: 2, sign: -1 } },
};

const describeAxis = (axis: SliceAxis): string =>
  axis === 'sagittal'
    ? 'Volumes are cut into sagittal slices, the face to the left.'
    : `Volumes are cut into ${axis} slices, the patient's right at the left.`;

/** A way through the voxels: where it starts, how far each step goes, and how many there are. */
interface Walk {
  readonly start: number;
  readonly step: number;
  readonly length: number;
}

function sliceImages(file: NiftiFile, options: ResolvedOptions): DeepImage[] {
  const { shape, samples, stored, slope, intercept, shown } = file;
  const { slice, x, y } = VIEWS[viewOf(file, options.axis)];
  const [across, along, down] = [x, slice, y].map((direction) => walkAlong(file, direction));
  const { length: width } = across;
  const { length: height } = down;
  const volumes = shape.slice(3).reduce((size, n) => size * n, 1);
  const volume = shape[0] * shape[1] * shape[2];
  const [first, last] = sliceRange(options, along.length);
  checkSize({ width, height }, options, samples * 4, volumes * (last - first + 1));
  const images: DeepImage[] = [];
  for (let t = 0; t < volumes; t++) {
    for (let s = first; s <= last; s++) {
      const values = new Float32Array(width * height * samples);
      const corner = t * volume + along.start + s * along.step + across.start + down.start;
      for (let i = 0, to = 0; i < height; i++) {
        for (let j = 0; j < width; j++) {
          const from = (corner + i * down.step + j * across.step) * samples;
          for (let c = 0; c < samples; c++) values[to++] = stored[from + c] * slope + intercept;
        }
      }
      const part = `${volumes > 1 ? `volume ${t}, ` : ''}slice ${s}`;
      const window = samples === 3 ? { black: 0, white: 255 } : shown;
      const single = volumes === 1 && along.length === 1;
      images.push({ width, height, channels: samples, values, window, ...(!single && { part }) });
    }
  }
  return images;
}

/** Of an image that is flat in one voxel axis, the view on it; else the one that was asked for. */
function viewOf({ shape, directions }: NiftiFile, axis: SliceAxis): SliceAxis {
  const flat = shape.slice(0, 3).flatMap((n, i) => (n === 1 ? [i] : []));
  if (flat.length !== 1) return axis;
  const body = bodyAxes(directions)[flat[0]];
  return (['sagittal', 'coronal', 'axial'] as const)[body];
}

/** For each voxel axis the axis of the body that it runs along, each taken once: the largest entries first. */
function bodyAxes(directions: NiftiFile['directions']): number[] {
  const sizes = [0, 1, 2].map((v) => Math.hypot(...directions.map((row) => row[v])) || 1);
  const pairs = [0, 1, 2].flatMap((voxel) =>
    [0, 1, 2].map((body) => ({
      ...{ voxel, body },
      size: Math.abs(directions[body][voxel]) / sizes[voxel],
    })),
  );
  pairs.sort((a, b) => b.size - a.size);
  const found = [-1, -1, -1];
  for (const { voxel, body } of pairs) {
    if (found[voxel] < 0 && !found.includes(body)) found[voxel] = body;
  }
  return found;
}

function walkAlong({ shape, directions }: NiftiFile, { body, sign }: Direction): Walk {
  const voxel = bodyAxes(directions).indexOf(body);
  const stride = [1, shape[0], shape[0] * shape[1]][voxel];
  const length = shape[voxel];
  const forward = directions[body][voxel] * sign >= 0;
  return forward
    ? { start: 0, step: stride, length }
    : { start: (length - 1) * stride, step: -stride, length };
}

/** @throws RangeError if the slices asked for are not there */
function sliceRange({ slices, where }: ResolvedOptions, count: number): readonly [number, number] {
  if (!slices || count === 1) return [0, count - 1];
  const [first, last] = slices;
  if (!(first <= last && first < count)) {
    throw new RangeError(
      `${where}: slices ${first} to ${last}, expected some of 0 to ${count - 1}.`,
    );
  }
  return [first, Math.min(last, count - 1)];
}
