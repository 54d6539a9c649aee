// What a deliberate mistake is: a text to change in a file, and the test that must see it.

export interface Mutation {
  readonly file: string;
  /** Exactly once in the file. */
  readonly original: string;
  readonly replacement: string;
  /** The test file that sees it. */
  readonly test: string;
}

export const inFile =
  (file: string, test: string) =>
  (original: string, replacement: string, seenBy = test): Mutation => ({
    file,
    original,
    replacement,
    test: seenBy,
  });

export const opTest = (family: string): string => `tests/engine/ops/${family}.test.ts`;
export const LAYERS = 'tests/model/layers.test.ts';
export const SAMPLE = 'tests/verify/suite.test.ts';
export const CONTRACTIONS = opTest('conv/contract');
export const ROWS = opTest('conv/rows');
export const REARRANGED = opTest('conv/winograd');
