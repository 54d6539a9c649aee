// Words of commands that people copy into a shell, or that a shell runs.

/** As one word of a shell, whatever it contains: nothing in it is expanded. */
export const inShell = (word: string): string =>
  /^[\w./:-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
