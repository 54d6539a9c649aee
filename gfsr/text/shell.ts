// Words of commands that people copy into a shell, or that a shell runs.

/** As one word of a shell, whatever it contains: nothing in it is expanded. */
export const inShell = (word: string): string =>
  /^[\w./:,@%+-][\w./:,@%+=-]*$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** A command that a shell reads as these words. */
export const shellCommand = (...words: readonly string[]): string => words.map(inShell).join(' ');
