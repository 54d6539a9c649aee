// Places tensors one after another in few buffers, so that one kernel launch covers all of them.

import type { Gpu } from './gpu.ts';
import { aligned, pieces } from './storage.ts';
import { Tensor } from './tensor.ts';

/** Tensors placed one after another in one buffer. */
export interface Run {
  /**
   * Everything from the first element of the first tensor to the last element of the last. Gaps in between are unused.
   */
  readonly flat: Tensor;
  /** Which of the tensors, by index in the list, and the element of `flat` where each begins. */
  readonly members: readonly { readonly index: number; readonly offset: number }[];
}

/**
 * Moves float32 tensors into common memory, in as few pieces as the device's limits allow, and returns their layout. A
 * tensor that cannot move, because a program or another layout has already bound it, stays in place as a run of its
 * own. Placing the same tensors again finds the same runs. The caller disposes each `flat`.
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

/**
 * One of `tensors` per member, in the layout of a run. A recorded program computes them there, an eager one copies
 * them; if that is where they already lie, neither.
 */
export function gathered(gpu: Gpu, { flat, members }: Run, tensors: readonly Tensor[]): Tensor {
  const first = tensors[members[0].index];
  if (members.length === 1) return first;
  const { whole, offset: start } = first.storage;
  const inPlace = members.every(({ index, offset }) => {
    const { storage } = tensors[index];
    return storage.whole === whole && storage.offset === start + 4 * offset;
  });
  // A kernel may not read what lies beside the values that it writes.
  const isApart = whole !== undefined && whole !== flat.storage.root;
  if (inPlace && isApart) return gpu.part(first, 0, flat.shape);
  const all = gpu.empty(flat.shape);
  for (const { index, offset } of members) {
    gpu.copy(tensors[index], gpu.part(all, offset, tensors[index].shape));
  }
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

/** One tensor that covers tensors placed one after another, from the first to the last. */
function cover(gpu: Gpu, tensors: readonly Tensor[]): Tensor {
  const [first, last] = [tensors[0].storage, tensors[tensors.length - 1].storage];
  if (first === last) return new Tensor(gpu, [tensors[0].size], 'f32', first);
  const bytes = last.offset + last.bytes - first.offset;
  return new Tensor(gpu, [bytes / 4], 'f32', first.root.part(first.offset, bytes));
}
