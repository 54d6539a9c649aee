// What a recorded program launches, in which order: launches that do not wait for each other become one.

import { mergeArgs, mergeableSize, mergeKernels } from '../../kernels/merge.ts';
import { type Bindings, type Dispatch, paramsOf } from './dispatch.ts';
import { elideCopies } from './elide-copies.ts';
import type { PipelineCache } from './pipeline-cache.ts';
import type { Recording } from './recorder.ts';
import { overlap, type Storage } from './storage.ts';

/** More workgroups fill a GPU by themselves, and run for longer than a launch costs. */
const MOST_WORKGROUPS = 1024;

/**
 * The launches of a recording, without needless copies, in groups that run at once. A group binds at most
 * `mostBindings` buffers; with 0, each launch stays alone and in its place.
 *
 * A large launch comes as early as it may, in its recorded order, so that what it reads is free again soon. Of the
 * small ones, that with the longest way to the end is next, and takes along those that may run beside it.
 */
export function planLaunches(
  recorded: readonly Dispatch[],
  mostBindings: number,
): (readonly Dispatch[])[] {
  const dispatches = elideCopies(recorded);
  if (mostBindings === 0) return dispatches.map((dispatch) => [dispatch]);
  const { waits, after, ways } = dependencies(dispatches);
  const sizes = dispatches.map(sharedSize);
  const isSmall = (i: number) => sizes[i] !== undefined;
  const groups: (readonly Dispatch[])[] = [];
  let ready = waits.flatMap((count, i) => (count === 0 ? [i] : []));
  while (ready.length > 0) {
    const large = ready.filter((i) => !isSmall(i));
    const small = ready.filter(isSmall).sort((a, b) => ways[b] - ways[a] || a - b);
    const group = large.length > 0 ? [Math.min(...large)] : small.slice(0, 1);
    for (const next of large.length > 0 ? [] : small.slice(1)) {
      const together = [...group, next].map((i) => dispatches[i]);
      if (sizes[next] === sizes[group[0]] && mayShare(together, mostBindings)) group.push(next);
    }
    groups.push(group.map((i) => dispatches[i]));
    ready = ready.filter((i) => !group.includes(i));
    for (const later of group.flatMap((i) => after[i])) if (--waits[later] === 0) ready.push(later);
  }
  return groups;
}

/** What a program of a recording launches. */
export const launchesOf = (
  { dispatches }: Recording,
  pipelines: PipelineCache,
  mostBindings: number,
): Dispatch[] =>
  planLaunches(dispatches, mostBindings).map((group) => {
    if (group.length === 1) return group[0];
    const kernel = mergeKernels(group.map((dispatch) => dispatch.kernel));
    const args = mergeArgs(group);
    const [compiled, params] = [pipelines.get(kernel, args), paramsOf(kernel, args)];
    const workgroups = kernel.workgroups(args);
    return { ...bindingsOf(group), kernel, args, compiled, params, workgroups };
  });

/** What the launches of a group bind together. */
export const bindingsOf = (group: readonly Bindings[]): Bindings => ({
  label: group.map(({ label }) => label).join(' + '),
  storages: group.flatMap(({ storages }) => storages),
  writes: group.flatMap(({ writes }) => writes),
});

/** Threads of a workgroup of a launch that is small enough to share with others. */
function sharedSize({ kernel, workgroups: [across, down, deep] }: Dispatch): number | undefined {
  return across * down * deep <= MOST_WORKGROUPS ? mergeableSize(kernel) : undefined;
}

/** WebGPU forbids a launch to read and write one buffer through two bindings. */
function mayShare(group: readonly Dispatch[], mostBindings: number): boolean {
  const { storages, writes } = bindingsOf(group);
  const written = new Set(storages.filter((_, k) => writes[k]).map(({ root }) => root));
  return (
    storages.length <= mostBindings &&
    storages.every(({ root }, k) => writes[k] || !written.has(root))
  );
}

interface Dependencies {
  /** For each launch, how many must come before it. */
  readonly waits: number[];
  /** For each launch, those that must come after it. */
  readonly after: readonly (readonly number[])[];
  /** For each launch, how many launches follow on the longest way from it to the end. */
  readonly ways: readonly number[];
}

/** A launch waits for those before it that write what it uses, or use what it writes. */
function dependencies(dispatches: readonly Dispatch[]): Dependencies {
  const uses = new Map<Storage, { at: number; storage: Storage; writes: boolean }[]>();
  const waits: number[] = [];
  const after: number[][] = dispatches.map(() => []);
  dispatches.forEach(({ storages, writes }, at) => {
    const before = new Set<number>();
    storages.forEach((storage, k) => {
      const others = uses.get(storage.root) ?? [];
      uses.set(storage.root, others);
      for (const other of others) {
        const orderMatters = other.writes || writes[k];
        if (other.at < at && orderMatters && overlap(other.storage, storage)) before.add(other.at);
      }
      others.push({ at, storage, writes: writes[k] });
    });
    waits.push(before.size);
    for (const earlier of before) after[earlier].push(at);
  });
  const ways = dispatches.map(() => 0);
  for (let at = ways.length - 1; at >= 0; at--) {
    for (const later of after[at]) ways[at] = Math.max(ways[at], ways[later] + 1);
  }
  return { waits, after, ways };
}
