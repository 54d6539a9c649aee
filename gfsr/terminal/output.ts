// Output for people: lines on stdout, with colour and a live last line only on a terminal.

import { randomUUID } from 'node:crypto';
import pc from 'picocolors';
import { visible } from '../text/visible.ts';

type Style = ReturnType<typeof pc.createColors>;

export interface OutputOptions {
  /** Print only results. */
  readonly quiet?: boolean;
}

/** Stands for the escape character of our own styles: names that users typed cannot contain it. */
const OWN_ESCAPE = randomUUID();

export class Output {
  /** Bold, dim and so on; plain text if stdout is not a terminal. */
  readonly style: Style;
  readonly #quiet: boolean;
  readonly #live: boolean;
  #status = '';

  constructor({ quiet = false }: OutputOptions = {}) {
    const terminal = process.stdout.isTTY === true && process.env.TERM !== 'dumb';
    this.style = marked(pc.createColors(terminal && pc.isColorSupported));
    this.#quiet = quiet;
    this.#live = terminal && !quiet;
  }

  /** Whether `status` is shown. */
  get live(): boolean {
    return this.#live;
  }

  /** Prints a line about the work in progress. */
  say(line = ''): void {
    if (!this.#quiet) this.result(line);
  }

  /** Prints a line of the result, even if quiet. */
  result(line = ''): void {
    this.#write(`${harmless(line)}\n`);
  }

  /** Shows a text below the last line until the next call; '' removes it. Terminals only. */
  status(text: string): void {
    if (!this.#live) return;
    const width = (process.stdout.columns ?? 80) - 1;
    this.#status = visible(text).slice(0, width);
    process.stdout.write(`\r\x1b[2K${this.#status}`);
  }

  #write(text: string): void {
    if (this.#status === '') process.stdout.write(text);
    else process.stdout.write(`\r\x1b[2K${text}${this.#status}`);
  }
}

/** Without control characters, except those of our own styles. */
const harmless = (text: string): string => visible(text, true).replaceAll(OWN_ESCAPE, '\x1b');

/** The same styles with the mark in the place of their escape characters. */
function marked(style: Style): Style {
  const entries = Object.entries(style).map(([name, format]) =>
    typeof format === 'function'
      ? [name, (text: string) => format(visible(text)).replaceAll('\x1b', OWN_ESCAPE)]
      : [name, format],
  );
  return Object.fromEntries(entries);
}
