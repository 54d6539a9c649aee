// A program with several commands: finds the command, runs it, and turns errors into one line and an exit code.

import { inspect } from 'node:util';
import { plainMessage } from '../files/system-error.ts';
import { nearestName } from '../text/suggestions.ts';
import { messageLine, visible } from '../text/visible.ts';
import { EVERYWHERE, readArguments } from './arguments.ts';
import type { Command } from './command.ts';
import { commandHelp, programHelp } from './help.ts';
import { Output } from './output.ts';

export interface Program {
  /** Start of its error messages: "gfsr". */
  readonly name: string;
  /** How its command lines start. Default: the name. */
  readonly typed?: string;
  /** What `--version` prints. */
  readonly version: string;
  readonly commands: readonly Command[];
  /** The command that runs if none is named. Without it, help is shown. */
  readonly usual?: string;
}

/**
 * Runs one command line.
 *
 * @returns the exit code
 * @throws RangeError for a wrong command, flag or argument; and any error of the command
 */
export async function runProgram(program: Program, args: readonly string[]): Promise<number> {
  const { name, typed = name, version, commands, usual } = program;
  const [first, ...rest] = args;
  const width = process.stdout.columns;
  const say = (lines: readonly string[]) => {
    const out = new Output();
    for (const line of lines) out.result(line);
    return 0;
  };
  if (first === '--version' || first === '-v') return say([version]);
  if (first === '--help' || first === '-h') return say(programHelp(typed, commands, width));
  const named = first !== undefined && !first.startsWith('-');
  const meant = named ? first : usual;
  if (meant === undefined && !first) return say(programHelp(typed, commands, width));
  const pair = commands.find((each) => named && each.name === `${first} ${rest[0]}`);
  const command = pair ?? commands.find((each) => each.name === meant);
  if (!command) throw unknownCommand(first, commands);
  const own = pair ? rest.slice(1) : named ? rest : args;
  const end = own.includes('--') ? own.indexOf('--') : own.length;
  if (own.slice(0, end).some((arg) => arg === '--help' || arg === '-h')) {
    return say(commandHelp(typed, command, EVERYWHERE, width));
  }
  const options = readArguments(typed, command, own);
  // With --json, stdout carries only JSON.
  const out = new Output({ quiet: options.quiet === true || options.json === true });
  return command.run(options as never, out);
}

function unknownCommand(name: string, commands: readonly Command[]): RangeError {
  const names = commands.map((command) => command.name);
  const nearest = nearestName(name, names);
  const hint = nearest === undefined ? '' : ` Did you mean ${nearest}?`;
  return new RangeError(`unknown command ${name}.${hint} Expected ${names.join(', ')}.`);
}

/** What a write to stdout fails with when its reader or the terminal has gone away. */
const NOBODY_READS = ['EPIPE', 'EIO'];

/** Runs the program as this process: takes its arguments, prints errors as one line on stderr, sets its exit code. */
export async function runAsProcess(program: Program): Promise<void> {
  let state: 'running' | 'done' | 'failed' = 'running';
  const fail = (error: unknown): void => {
    process.exitCode = 1;
    // A GPU failure may reject several pending promises. The first one says why.
    if (state === 'failed') return;
    state = 'failed';
    if (process.argv.includes('--verbose')) console.error(visible(inspect(error), true));
    const message = error instanceof Error ? plainMessage(error) : String(error);
    console.error(`${program.name}: ${messageLine(message)}`);
  };
  process.on('unhandledRejection', fail);
  process.on('uncaughtException', fail);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (NOBODY_READS.includes(error.code ?? '')) return;
    fail(new Error(`stdout: cannot be written: ${error.message}.`));
  });
  // A user's own code may call process.exit, or wait for something that never happens.
  process.on('exit', () => {
    if (state === 'running') fail(new Error('the process ended before its work was done.'));
  });
  try {
    const code = await runProgram(program, process.argv.slice(2));
    // What was printed must have arrived before it counts as done.
    await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
    if (state !== 'running') return;
    state = 'done';
    process.exitCode = code;
  } catch (error) {
    fail(error);
  }
}
