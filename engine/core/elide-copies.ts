// Copies that a good placement of their source makes unnecessary.

import type { Dispatch } from './dispatch.ts';
import { overlap, type Storage } from './storage.ts';

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
