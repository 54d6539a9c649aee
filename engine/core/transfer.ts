// Values between host and device.

import type { CommandQueue } from './command-queue.ts';
import type { ErrorScopes } from './error-scopes.ts';
import { largestOf, toDevice } from './host-values.ts';
import { pieces } from './storage.ts';
import { formatShape, type HostArrays, type Tensor } from './tensor.ts';

const MAP_READ = 0x1; // GPUBufferUsage and GPUMapMode alike
const COPY_DST = 0x8;

/** Overwrites a tensor's values, after everything queued before. @throws RangeError if their number does not fit */
export function writeTensor(
  device: GPUDevice,
  queue: CommandQueue,
  tensor: Tensor,
  values: ArrayLike<number>,
): void {
  if (values.length !== tensor.size) {
    throw new RangeError(
      `write: got ${values.length} values, expected ${tensor.size} for shape ${formatShape(tensor.shape)}.`,
    );
  }
  if (tensor.disposed) throw new RangeError('write: the tensor was disposed.');
  const { buffer, offset } = tensor.storage;
  if (!buffer)
    throw new Error('write: this tensor exists only inside a capture. Write it outside.');
  const typed = toDevice('write', values, tensor.dtype);
  tensor.largest = tensor.dtype === 'u32' ? largestOf(typed) : undefined;
  queue.flush();
  device.queue.writeBuffer(buffer, offset, typed.buffer, typed.byteOffset, typed.byteLength);
}

/** Copies the values of several tensors to the host, as they are at this call. The copies are queued at once. */
export async function readTensors(
  device: GPUDevice,
  queue: CommandQueue,
  errors: ErrorScopes,
  tensors: readonly Tensor[],
): Promise<HostArrays[keyof HostArrays][]> {
  const sources = tensors.map(readable);
  queue.flush();
  const sizes = sources.map(({ bytes }) => bytes);
  const transfers = pieces(sizes, device.limits.maxBufferSize).map((piece) =>
    transfer(
      device,
      queue,
      errors,
      piece.map((i) => sources[i]),
    ),
  );
  return (await Promise.all(transfers)).flat();
}

/** Copies values to the host in one buffer. */
async function transfer(
  device: GPUDevice,
  queue: CommandQueue,
  errors: ErrorScopes,
  sources: readonly Source[],
): Promise<HostArrays[keyof HostArrays][]> {
  const size = sources.reduce((sum, { bytes }) => sum + bytes, 0);
  const staging = device.createBuffer({ size, usage: MAP_READ | COPY_DST, label: 'read' });
  try {
    const encoder = device.createCommandEncoder({ label: 'read' });
    let end = 0;
    const places = sources.map(({ buffer, offset, bytes }) => {
      encoder.copyBufferToBuffer(buffer, offset, staging, end, bytes);
      end += bytes;
      return [end - bytes, end] as const;
    });
    queue.submit([encoder.finish()]);
    await errors.settle(staging.mapAsync(MAP_READ));
    const all = staging.getMappedRange();
    return sources.map(({ dtype }, i) => {
      const bytes = all.slice(...places[i]);
      return dtype === 'f32' ? new Float32Array(bytes) : new Uint32Array(bytes);
    });
  } finally {
    staging.destroy();
  }
}

/** Where a tensor's values are. */
interface Source {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly bytes: number;
  readonly dtype: keyof HostArrays;
}

/** @throws TypeError for f16, RangeError for a disposed tensor, Error within a capture */
function readable({ storage, disposed, dtype }: Tensor): Source {
  const { buffer, offset, bytes } = storage;
  if (dtype === 'f16') throw new TypeError('read: the tensor is f16, expected f32 or u32.');
  if (disposed) throw new RangeError('read: the tensor was disposed.');
  if (!buffer)
    throw new Error(
      'read: inside a capture nothing has been computed yet. Return the tensor instead.',
    );
  return { buffer, offset, bytes, dtype };
}
