// Loads a user's file in a child process first: if loading never ends, or ends the process, it happens there.

import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { loaderFlags } from '../../engine/probe.ts';
import { lostRejection, placeOf, prototypes, putBack, shown } from './user-code.ts';
import { describeThrown, UserCodeError } from './user-code-error.ts';

/** Limit for loading the file itself, after our own sources. */
const LOAD_SECONDS = 5;
/** Limit for starting Node and loading our own sources on a busy machine. */
const START_SECONDS = 60;
/** File descriptor of the child's reports, because the user's file may print to stdout. */
const CHANNEL = 3;

const self = fileURLToPath(import.meta.url);

/**
 * Loads a module in a child process.
 *
 * @returns the place of a syntax error, such as ` at my-loss.mjs:7:12`; empty if there is none or it is unknown
 * @throws UserCodeError if loading never ends, ends the process, changes the prototype of all objects, or rejects a
 *   promise that nobody awaits
 */
export async function tryLoading(path: string): Promise<string> {
  const child = spawn(process.execPath, [...loaderFlags(), self, path], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  let [told, errors, stopped] = ['', '', false];
  const stopAfter = (seconds: number) =>
    setTimeout(() => {
      stopped = true;
      child.kill('SIGKILL');
    }, 1000 * seconds);
  let timer = stopAfter(START_SECONDS);
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(0, 100_000);
  });
  (child.stdio[CHANNEL] as Readable).setEncoding('utf8').on('data', (text: string) => {
    if (told === '') {
      clearTimeout(timer);
      timer = stopAfter(LOAD_SECONDS);
    }
    told += text;
  });
  const code = await new Promise<number | null>((done, fail) => {
    child.on('error', fail).on('close', done);
  });
  clearTimeout(timer);
  const [, last = ''] = told.split('\n');
  if (last === 'loaded') return '';
  if (last === 'failed' || !told) return syntaxPlace(errors, path);
  throw new UserCodeError(`${path} ${last || ending(stopped, code)}`);
}

const ending = (stopped: boolean, code: number | null): string =>
  stopped
    ? `is not loaded within ${LOAD_SECONDS} s. Does a loop or an await at its top level never end?`
    : code === UNSETTLED
      ? 'awaits something at its top level that never comes.'
      : 'ends the process while it is loaded. Remove process.exit.';

/** Node's exit code if a top-level await never settles. */
const UNSETTLED = 13;

/** The place in an error as Node or the TypeScript compiler prints it, which the error itself does not have. */
function syntaxPlace(errors: string, path: string): string {
  const [, compiled, line, at] = /^(\S.*?):(\d+):(\d+): ERROR: /m.exec(errors) ?? [];
  if (compiled) return ` at ${shown(meant(compiled, path))}:${line}:${Number(at) + 1}`;
  const [, file, row, caret] = /^((?:file:|\/|[A-Z]:).*):(\d+)\n.*\n(\s*)\^/m.exec(errors) ?? [];
  if (!file) return '';
  const plain = file.startsWith('file:') ? fileURLToPath(file) : file;
  return ` at ${shown(plain)}:${row}:${caret.length + 1}`;
}

/** The compiler reports a .mts file as .ts. */
const meant = (compiled: string, path: string): string =>
  basename(compiled, extname(compiled)) === basename(path, extname(path)) ? path : compiled;

/** The work of the child process. */
async function load(path: string): Promise<void> {
  const say = (word: string) => writeSync(CHANNEL, `${word}\n`);
  const own = 'gfsr';
  await import(own).catch(() => {}); // the time limit is for the user's file alone
  say('ready');
  const before = prototypes();
  const end = (words: string) => {
    say(words.trim());
    process.exit(1);
  };
  process.on('unhandledRejection', (reason) => end(lostRejection('', reason)));
  process.on('uncaughtException', (error) =>
    end(`throws outside of any call${placeOf(error)}: ${describeThrown(error)}`),
  );
  try {
    await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    say('failed');
    // Node prints the place only of errors that nobody catches.
    process.removeAllListeners('unhandledRejection').removeAllListeners('uncaughtException');
    throw error;
  }
  const [changed] = putBack(before);
  await setImmediate();
  say(
    changed ? `changes ${changed}, on which all other code relies. Remove this change.` : 'loaded',
  );
  process.exit(0);
}

if (process.argv[1] === self) await load(process.argv[2]);
