// What a person reads: lines on stdout, with colour and a live last line only where a terminal shows them.

import pc from 'picocolors';

export interface OutputOptions {
  /** Say results only. */
  readonly quiet?: boolean;
}

export class Output {
  /** Bold, dim and so on; plain text where stdout is not a terminal. */
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

  /** A line about the work under way. */
  say(line = ''): void {
    if (!this.#quiet) this.result(line);
  }

  /** A line that was asked for: printed even where quiet. */
  result(line = ''): void {
    this.#write(`${line}\n`);
  }

  /** Shows a text below the last line until the next one; '' takes it away. Terminals only. */
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
