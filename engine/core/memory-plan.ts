// Memory of a recorded program, shared by lifetime.

import type { Part } from '../../kernels/merge.ts';
import { type BufferPool, sizeClass } from './buffer-pool.ts';
import type { Bindings } from './dispatch.ts';
import { bindingsOf, planLaunches } from './launch-plan.ts';
import type { Recorded } from './recorder.ts';
import type { Storage } from './storage.ts';
import type { Tensor } from './tensor.ts';

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

/** The same, and what is launched. */
export interface ProgramSketch extends ProgramCost {
  /** Of each launch in order, the labels of its kernels. */
  readonly labels: readonly string[];
  /** Of each launch in order, its kernels and their numbers. */
  readonly launches: readonly (readonly Part[])[];
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
  dispatches: readonly Bindings[],
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

/** What a program of a recording would launch and need; `mostBindings` as in `planLaunches`. Nothing is taken. */
export const costWith =
  (mostBindings: number) =>
  ({ recording, survivors }: Recorded<unknown>): ProgramSketch => {
    const groups = planLaunches(recording.dispatches, mostBindings);
    const bindings = groups.map(bindingsOf);
    const { plannedBytes, unsharedBytes } = sketchMemory(bindings, survivors);
    const labels = bindings.map(({ label }) => label);
    const launches = groups.map((group) =>
      group.map(({ kernel, args, workgroups }) => ({ kernel, args, workgroups })),
    );
    return { dispatches: groups.length, plannedBytes, unsharedBytes, labels, launches };
  };

/**
 * Takes the memory that a program needs, and gives every storage created in its capture a buffer.
 *
 * @throws OutOfMemoryError if all of it together is more than the device may use; Error if a dispatch reads what
 *   nothing wrote
 */
export function planMemory(
  pool: BufferPool,
  dispatches: readonly Bindings[],
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
function lastUses(dispatches: readonly Bindings[]): Map<Storage, number> {
  const lastUse = new Map<Storage, number>();
  dispatches.forEach(({ label, storages, writes }, i) => {
    storages.forEach(({ root }, k) => {
      if (root.buffer) return;
      if (!writes[k] && !lastUse.has(root)) {
        throw new Error(
          `capture: ${label} reads a tensor that nothing wrote. Was it disposed inside the capture?`,
        );
      }
      lastUse.set(root, i);
    });
  });
  return lastUse;
}
