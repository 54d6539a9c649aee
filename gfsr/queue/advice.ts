// What is wrong with a server that all machines share, and what to do, in one line.

/** What to do, by what a server or the connection to it says; the first pattern that fits counts. */
export interface Advice {
  readonly known: readonly (readonly [RegExp, string])[];
  readonly other: string;
}

/** @param server what cannot be used, and its address without secrets */
export function cannotBeUsed(server: string, cause: string, { known, other }: Advice): string {
  const [, advice] = known.find(([pattern]) => pattern.test(cause)) ?? [undefined, other];
  return `${server} cannot be used: ${cause}. ${advice}`;
}
