// Memory of a recorded program: copies that a good placement makes unnecessary, and memory shared by lifetime.

import { type BufferPool, sizeClass } from './buffer-pool.ts';
import type { Dispatch } from './dispatch.ts';
import type { Recorded } from './recorder.ts';
import type { Storage } from './storage.ts';
import type { Tensor } from './tensor.ts';

/** Where a storage is read and written: indices in the list of dispatches, in order. */
interface Uses {
  readonly reads: number[];
  readonly writes: number[];
}

/**
 * Leaves out copies x → y where x can be computed in y's memory: both are created in the capture, only this copy writes
 * y, and x is not written after it. A copy also stays if a dispatch would read one part of a buffer and write another,
 * which WebGPU forbids. Places the x of each copy that is left out.
 */
export function elideCopies(dispatches: readonly Dispatch[]): Dispatch[] {
  if (!dispatches.some(({ copies }) => copies)) return [...dispatches];
  const uses = usesOf(dispatches);
  const families = new Map<Storage, Storage[]>();
  for (const storage of uses.keys()) {
    families.set(storage.root, [...(families.get(storage.root) ?? []), storage]);
  }
  const writtenOnlyAt = (i: number, y: Storage): boolean =>
    (families.get(y.root) as Storage[])
      .filter((other) => overlap(other, y))
      .every((other) => (uses.get(other) as Uses).writes.every((at) => at === i));
  const finishedBy = (i: number, x: Storage): boolean => {
    const { writes } = uses.get(x) as Uses;
    return writes.length > 0 && writes.every((at) => at < i);
  };
  const bindable = (i: number, x: Storage, { root }: Storage): boolean => {
    const { reads, writes } = uses.get(x) as Uses;
    const beside = (at: number, writing: boolean) =>
      dispatches[at].storages.some(
        (other, k) => other !== x && other.root === root && dispatches[at].writes[k] !== writing,
      );
    return (
      !reads.some((at) => at !== i && beside(at, false)) && !writes.some((at) => beside(at, true))
    );
  };
  return dispatches.filter(({ copies, storages: [x, y] }, i) => {
    if (!copies) return true;
    const free = !x.buffer && !y.buffer && !x.whole && families.get(x)?.length === 1;
    if (!free || !writtenOnlyAt(i, y) || !finishedBy(i, x) || !bindable(i, x, y)) return true;
    x.place(y.root, y.offset);
    return false;
  });
}

function usesOf(dispatches: readonly Dispatch[]): Map<Storage, Uses> {
  const uses = new Map<Storage, Uses>();
  dispatches.forEach(({ storages, writes }, i) => {
    storages.forEach((storage, k) => {
      const of = uses.get(storage) ?? { reads: [], writes: [] };
      uses.set(storage, of);
      (writes[k] ? of.writes : of.reads).push(i);
    });
  });
  return uses;
}

const overlap = (a: Storage, b: Storage): boolean =>
  a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;

interface PlannedBytes {
  /** Bytes of intermediates and outputs. */
  readonly plannedBytes: number;
  /** The bytes needed if no two shared memory. */
  readonly unsharedBytes: number;
}

/** What one run of a program launches and needs. */
export interface ProgramCost extends PlannedBytes {
  /** Kernel launches. */
  readonly dispatches: number;
}

export interface MemoryPlan extends PlannedBytes {
  /** Memory that the intermediates share; it belongs to the program. Outputs free their own memory when disposed. */
  readonly buffers: readonly GPUBuffer[];
}

/** A buffer that a plan needs, and the storages that have it one after another. */
interface Slot {
  readonly bytes: number;
  readonly isOutput: boolean;
  readonly roots: Storage[];
}

/**
 * Assigns a slot to every storage created in the capture, by a linear scan over the dispatches. A slot is free again
 * after the last dispatch that refers to it or to any part of it. Outputs are never shared.
 *
 * @throws Error if a dispatch reads what nothing wrote
 */
function sketchMemory(
  dispatches: readonly Dispatch[],
  results: readonly Tensor[],
): PlannedBytes & { readonly slots: readonly Slot[] } {
  const outputs = new Set(results.map(({ storage }) => storage.root));
  const lastUse = lastUses(dispatches);
  const free = new Map<number, Slot[]>();
  const slots: Slot[] = [];
  const slotOf = new Map<Storage, Slot>();
  let plannedBytes = 0;
  let unsharedBytes = 0;
  dispatches.forEach(({ storages }, i) => {
    const roots = new Set(storages.map(({ root }) => root));
    for (const root of roots) {
      if (slotOf.has(root) || !lastUse.has(root)) continue;
      const isOutput = outputs.has(root);
      const size = sizeClass(root.bytes);
      const reused = isOutput ? undefined : free.get(size)?.pop();
      const slot = reused ?? { bytes: root.bytes, isOutput, roots: [] };
      slot.roots.push(root);
      slotOf.set(root, slot);
      unsharedBytes += size;
      if (reused) continue;
      plannedBytes += size;
      slots.push(slot);
    }
    for (const root of roots) {
      const slot = slotOf.get(root);
      if (!slot || slot.isOutput || lastUse.get(root) !== i) continue;
      const size = sizeClass(root.bytes);
      free.set(size, [...(free.get(size) ?? []), slot]);
    }
  });
  return { slots, plannedBytes, unsharedBytes };
}

/** What a program of a recording would launch and need. Nothing is taken. */
export function costOf({ recording, survivors }: Recorded<unknown>): ProgramCost {
  const dispatches = elideCopies(recording.dispatches);
  const { plannedBytes, unsharedBytes } = sketchMemory(dispatches, survivors);
  return { dispatches: dispatches.length, plannedBytes, unsharedBytes };
}

/**
 * Takes the memory that a program needs, and gives every storage created in its capture a buffer.
 *
 * @throws OutOfMemoryError if all of it together is more than the device may use; Error if a dispatch reads what
 *   nothing wrote
 */
export function planMemory(
  pool: BufferPool,
  dispatches: readonly Dispatch[],
  results: readonly Tensor[],
): MemoryPlan {
  const { slots, ...bytes } = sketchMemory(dispatches, results);
  pool.expectRoom(bytes.plannedBytes);
  const buffers: GPUBuffer[] = [];
  try {
    for (const { bytes: size, isOutput, roots } of slots) {
      const buffer = pool.acquire(size);
      if (!isOutput) buffers.push(buffer);
      for (const root of roots) root.buffer = buffer;
    }
  } catch (error) {
    for (const buffer of buffers) pool.release(buffer);
    throw error;
  }
  return { buffers, ...bytes };
}

/** The last dispatch that refers to each storage created in the capture, or to a part of it. */
function lastUses(dispatches: readonly Dispatch[]): Map<Storage, number> {
  const lastUse = new Map<Storage, number>();
  dispatches.forEach(({ compiled, storages, writes }, i) => {
    storages.forEach(({ root }, k) => {
      if (root.buffer) return;
      if (!writes[k] && !lastUse.has(root)) {
        throw new Error(
          `capture: ${compiled.label} reads a tensor that nothing wrote. Was it disposed inside the capture?`,
        );
      }
      lastUse.set(root, i);
    });
  });
  return lastUse;
}
