// Text of strangers as a terminal, a message and a page may show it: nothing invisible, nothing endless.

import { grouped } from './lines.ts';

/** Control characters, marks that turn the direction of text, odd line ends, halves of a character. */
const INVISIBLE = /[\p{Cc}\p{Bidi_Control}\p{Cs}\u2028\u2029\ufeff]/gu;

/** An error message has at most this many characters: its beginning and its end, where the advice is. */
const LONGEST_MESSAGE = 1000;
const MESSAGE_END = 300;

/** The text with `\u001b` in the place of an escape character, and so on; line ends stay if `lines`. */
export function visible(text: string, lines = false): string {
  return text.replace(INVISIBLE, (character) =>
    lines && character === '\n'
      ? character
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * A value as a message shows it: as JSON, without anything invisible.
 *
 * @param most characters; of a longer text its beginning and its length are shown
 */
export function quoted(value: unknown, most = 120): string {
  return cut(visible(JSON.stringify(value) ?? String(value)), most);
}

/** Names in a row, the first few of them. */
export function listed(names: readonly string[], most = 10): string {
  const first = names.slice(0, most).map((name) => cut(visible(name), 60));
  const rest = names.length - first.length;
  return rest > 0 ? `${first.join(', ')} and ${grouped(rest)} more` : first.join(', ');
}

/** The beginning of a text, and how long all of it is. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most)}… (${grouped(text.length)} characters)`;
}

/** An error message in one line; of an endless one its beginning and its end. */
export function messageLine(message: string): string {
  // An expression for the spaces around line ends would take the square of their number.
  const lines = message.split('\n').map((line) => line.trim());
  const line = visible(lines.filter((each) => each !== '').join(' '));
  if (line.length <= LONGEST_MESSAGE) return line;
  const start = line.slice(0, LONGEST_MESSAGE - MESSAGE_END);
  return `${start} … (${grouped(line.length)} characters) … ${line.slice(-MESSAGE_END)}`;
}
