// Names of files made of names that may hold anything.

/** The text with dashes in the place of what a file name should not have. Letters of every script stay. */
export const asFileName = (text: string): string => text.replace(/[^\p{L}\p{M}\p{N}_.-]+/gu, '-');
