// Reads JSON that a stranger wrote: endless nesting, and a key that could reach a prototype, are refused.

import { messageLine } from './visible.ts';

/** Deeper lists and objects in one another than anything that we read has. */
const DEEPEST = 100;

/** @throws RangeError if `text` is not JSON, nests too deep or has a key `__proto__`; `where` begins the message. */
export function parseJson(text: string, where: string): unknown {
  checkDepth(text, where);
  try {
    const value = JSON.parse(text);
    // Every value is visited only where such a key may be: that takes longer than all the rest.
    if (/__proto__|\\u/.test(text)) refusePrototype(value, where);
    return value;
  } catch (error) {
    if (error instanceof RangeError) throw error;
    throw new RangeError(`${where}: not JSON (${messageLine((error as Error).message)}).`);
  }
}

/**
 * A parser, and all who walk through what it read, would run out of stack.
 *
 * @throws RangeError
 */
export function checkDepth(text: string, where: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = stringEnd(text, at);
    else if (code === OPEN_LIST || code === OPEN_OBJECT) depth++;
    else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth--;
    if (depth > DEEPEST) {
      throw new RangeError(
        `${where}: lists and objects nest deeper than ${DEEPEST} at character ${at + 1}. Is it a file of another kind?`,
      );
    }
  }
}

const [QUOTE, BACKSLASH, OPEN_LIST, OPEN_OBJECT, CLOSE_LIST, CLOSE_OBJECT] = Array.from(
  '"\\[{]}',
  (character) => character.charCodeAt(0),
);

/** Where the string that begins at `at` ends, or the text does. */
function stringEnd(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}

function refusePrototype(value: unknown, where: string): void {
  if (typeof value !== 'object' || value === null) return;
  if (Object.hasOwn(value, '__proto__')) {
    throw new RangeError(`${where}: key "__proto__" is not allowed.`);
  }
  for (const each of Object.values(value)) refusePrototype(each, where);
}

/** JSON whose keys are sorted, so that the same data is the same text. */
export const sortedJson = (value: unknown): string =>
  JSON.stringify(value, (_, each) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );

/** Indented JSON with a newline at the end. NaN and infinities become null, because JSON cannot represent them. */
export function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
