// Values between host and device.

import type { CommandQueue } from './command-queue.ts';
import type { ErrorScopes } from './error-scopes.ts';
import { largestOf, toDevice } from './host-values.ts';
import { formatShape, type HostArrays, type Tensor } from './tensor.ts';

const MAP_READ = 0x1; // GPUBufferUsage and GPUMapMode alike
const COPY_DST = 0x8;

/** Overwrites a tensor's values, after everything that was queued before. @throws RangeError if their number does not fit */
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
    throw new Error('write: this tensor exists only inside a capture; write it outside.');
  const typed = toDevice('write', values, tensor.dtype);
  tensor.largest = tensor.dtype === 'u32' ? largestOf(typed) : undefined;
  queue.flush();
  device.queue.writeBuffer(buffer, offset, typed.buffer, typed.byteOffset, typed.byteLength);
}

/** Copies a tensor's values to the host; the copy is queued at once. */
export async function readTensor(
  device: GPUDevice,
  queue: CommandQueue,
  faults: ErrorScopes,
  { storage, disposed, dtype }: Tensor,
): Promise<HostArrays[keyof HostArrays]> {
  const { buffer, offset, bytes: size } = storage;
  if (dtype === 'f16') throw new TypeError('read: the tensor is f16, expected f32 or u32.');
  if (disposed) throw new RangeError('read: the tensor was disposed.');
  if (!buffer)
    throw new Error('read: inside a capture nothing has been computed yet; return the tensor.');
  queue.flush();
  const staging = device.createBuffer({ size, usage: MAP_READ | COPY_DST, label: 'read' });
  try {
    const encoder = device.createCommandEncoder({ label: 'read' });
    encoder.copyBufferToBuffer(buffer, offset, staging, 0, size);
    queue.submit([encoder.finish()]);
    await faults.settle(staging.mapAsync(MAP_READ));
    const bytes = staging.getMappedRange().slice(0);
    return dtype === 'f32' ? new Float32Array(bytes) : new Uint32Array(bytes);
  } finally {
    staging.destroy();
  }
}
