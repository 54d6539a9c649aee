// Lays tensors one behind another in few buffers, so that one kernel launch goes over all of them.

import type { Gpu } from './gpu.ts';
import { PART_ALIGN } from './storage.ts';
import { Tensor } from './tensor.ts';

/** Tensors one behind another in one buffer. */
export interface Run {
  /** Everything from the first tensor's first element to the last one's last; what lies between two is nobody's. */
  readonly flat: Tensor;
  /** Which of the tensors, by their place in the list, and the element of `flat` where each begins. */
  readonly members: readonly { readonly index: number; readonly offset: number }[];
}

const aligned = (bytes: number): number => Math.ceil(bytes / PART_ALIGN) * PART_ALIGN;

/**
 * Moves float32 tensors into memory of their own, as few pieces as the device's limits allow, and says how they lie.
 * What cannot move stays where it is, as a run of its own: a tensor that a program or another layout has bound
 * already. Laying out the same tensors again finds the same runs. The caller disposes each `flat`.
 */
export function layOut(gpu: Gpu, tensors: readonly Tensor[]): Run[] {
  const { maxBufferSize, maxStorageBufferBindingSize } = gpu.device.limits;
  const movable = [...new Map(tensors.map((tensor) => [tensor.storage, tensor])).values()].filter(
    ({ storage }) => storage.movable,
  );
  const sizes = movable.map(({ storage }) => storage.bytes);
  for (const piece of pieces(sizes, Math.min(maxBufferSize, maxStorageBufferBindingSize))) {
    if (piece.length > 1)
      gather(
        gpu,
        piece.map((i) => movable[i]),
      );
  }
  const runs: { index: number; offset: number }[][] = [];
  tensors.forEach(({ storage }, index) => {
    const run = runs.at(-1);
    const before = run && tensors[index - 1].storage;
    const follows =
      before?.whole &&
      before.whole === storage.whole &&
      storage.offset === before.offset + aligned(before.bytes);
    if (run && follows) {
      const first = tensors[run[0].index].storage;
      run.push({ index, offset: (storage.offset - first.offset) / 4 });
    } else {
      runs.push([{ index, offset: 0 }]);
    }
  });
  return runs.map((members) => ({
    flat: cover(
      gpu,
      members.map((m) => tensors[m.index]),
    ),
    members,
  }));
}

/** Consecutive sizes in pieces of at most `limit` bytes each, alignment included; one that is larger stays alone. */
export function pieces(sizes: readonly number[], limit: number): number[][] {
  const all: number[][] = [];
  let end = Number.POSITIVE_INFINITY;
  sizes.forEach((bytes, i) => {
    if (end + bytes > limit) {
      all.push([]);
      end = 0;
    }
    (all.at(-1) as number[]).push(i);
    end += aligned(bytes);
  });
  return all;
}

function gather(gpu: Gpu, tensors: readonly Tensor[]): void {
  const offsets = [0];
  for (const { storage } of tensors)
    offsets.push((offsets.at(-1) as number) + aligned(storage.bytes));
  const last = tensors.length - 1;
  const whole = gpu.keep(gpu.empty([(offsets[last] + tensors[last].storage.bytes) / 4]));
  tensors.forEach((tensor, i) => {
    move(gpu, tensor, whole, offsets[i]);
  });
  whole.dispose(); // its memory lives as long as any of its parts
}

/** Moves a tensor's memory into `whole`, from byte `offset` on. */
function move(gpu: Gpu, { storage }: Tensor, whole: Tensor, offset: number): void {
  gpu.flush();
  const from = storage.buffer as GPUBuffer;
  const { root } = whole.storage;
  const encoder = gpu.device.createCommandEncoder({ label: 'move' });
  encoder.copyBufferToBuffer(from, 0, root.buffer as GPUBuffer, offset, storage.bytes);
  gpu.device.queue.submit([encoder.finish()]);
  gpu.pool.release(from);
  storage.place(root, offset);
}

/** One tensor from the first to the last of tensors that lie one behind another. */
function cover(gpu: Gpu, tensors: readonly Tensor[]): Tensor {
  const [first, last] = [tensors[0].storage, tensors[tensors.length - 1].storage];
  if (first === last) return new Tensor(gpu, [tensors[0].size], 'f32', first);
  const bytes = last.offset + last.bytes - first.offset;
  return new Tensor(gpu, [bytes / 4], 'f32', first.root.part(first.offset, bytes));
}
