// Output for people: lines on stdout, with colour and a live last line only on a terminal.

import pc from 'picocolors';

export interface OutputOptions {
  /** Print only results. */
  readonly quiet?: boolean;
}

export class Output {
  /** Bold, dim and so on; plain text if stdout is not a terminal. */
  readonly style: ReturnType<typeof pc.createColors>;
  readonly #quiet: boolean;
  readonly #live: boolean;
  #status = '';

  constructor({ quiet = false }: OutputOptions = {}) {
    const terminal = process.stdout.isTTY === true && process.env.TERM !== 'dumb';
    this.style = pc.createColors(terminal && pc.isColorSupported);
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
    this.#write(`${line}\n`);
  }

  /** Shows a text below the last line until the next call; '' removes it. Terminals only. */
  status(text: string): void {
    if (!this.#live) return;
    const width = (process.stdout.columns ?? 80) - 1;
    this.#status = text.slice(0, width);
    process.stdout.write(`\r\x1b[2K${this.#status}`);
  }

  #write(text: string): void {
    if (this.#status === '') process.stdout.write(text);
    else process.stdout.write(`\r\x1b[2K${text}${this.#status}`);
  }
}
