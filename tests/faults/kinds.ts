// Which calls of a run are of one kind: made at the same place, and reached by the same way through the sources.

import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const HERE = fileURLToPath(new URL('.', import.meta.url));

/** Enough for the whole way from a test to a call of the system. */
Error.stackTraceLimit = 100;

/** Lines of the project's sources, the innermost first, that called what made this error. */
export function placeOf({ stack = '' }: Error): string {
  const frames = stack.match(/(?:file:\/\/)?\/[^\s()]+:\d+:\d+/g) ?? [];
  return frames
    .map((frame) => frame.replace('file://', ''))
    .filter((path) => path.startsWith(ROOT) && !path.startsWith(HERE))
    .map((path) => path.slice(ROOT.length))
    .filter((path) => !path.startsWith('node_modules'))
    .join(' < ');
}

/**
 * One number for each kind and each of `count` faults: the first fault at the first call of the kind, the last at its
 * last, the others in between.
 */
export function spreadOver(kinds: readonly string[], count: number): number[][] {
  const byKind = new Map<string, number[]>();
  kinds.forEach((kind, number) => {
    byKind.set(kind, [...(byKind.get(kind) ?? []), number]);
  });
  const share = (fault: number) => fault / (count - 1);
  return [...byKind.values()].map((numbers) =>
    Array.from(
      { length: count },
      (_, fault) => numbers[Math.round(share(fault) * (numbers.length - 1))],
    ),
  );
}
