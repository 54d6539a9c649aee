// Runs users' code so that any failure becomes one clear error, which names the code and the place.

import { basename, relative } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createContext, Script } from 'node:vm';
import { isOwnSource } from '../machine/code-version.ts';
import { describeThrown, isOfGpu, UserCodeError } from './user-code-error.ts';

/** What a user's code may change by accident, although all other code relies on it. */
const PROTOTYPES = { 'Object.prototype': Object.prototype, 'Array.prototype': Array.prototype };

/**
 * Calls a user's function.
 *
 * @param what its name, with which messages begin
 * @param seconds its time limit, after which it is stopped
 * @throws UserCodeError if it takes longer, throws anything, or changes the prototype of all objects (which is
 *   restored); the engine's own errors with a code, unchanged
 */
export function callUserCode<T>(what: string, seconds: number, call: () => T): T {
  const before = prototypes();
  let value: T;
  try {
    value = within(what, seconds, call);
  } catch (error) {
    putBack(before);
    if (error instanceof UserCodeError || isOfGpu(error)) throw error;
    throw new UserCodeError(`${what} throws${placeOf(error)}: ${describeThrown(error)}`, {
      cause: error,
    });
  }
  const [changed] = putBack(before);
  if (changed === undefined) return value;
  throw new UserCodeError(
    `${what} changes ${changed}, on which all other code relies. Remove this change.`,
  );
}

// A timeout of node:vm also stops the functions that a script calls.
const calling = new Script('call()');
const room: { call?: () => unknown } = createContext({});

function within<T>(what: string, seconds: number, call: () => T): T {
  room.call = call;
  try {
    return calling.runInContext(room, { timeout: 1000 * seconds }) as T;
  } catch (error) {
    const { code } = Object(error) as NodeJS.ErrnoException;
    if (code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new UserCodeError(
      `${what} does not return within ${seconds} s and was stopped. Does a loop in it never end?`,
    );
  } finally {
    room.call = undefined;
  }
}

type Descriptors = ReadonlyMap<PropertyKey, PropertyDescriptor>;

/** The properties that all objects and arrays have, to be compared later. */
export const prototypes = (): readonly Descriptors[] =>
  Object.values(PROTOTYPES).map(
    (each) => new Map(Reflect.ownKeys(each).map((key) => [key, descriptor(each, key)])),
  );

const descriptor = (of: object, key: PropertyKey): PropertyDescriptor =>
  Object.getOwnPropertyDescriptor(of, key) ?? {};

/** Undoes changes of the prototypes. Returns their names, such as "Object.prototype.x". */
export function putBack(before: readonly Descriptors[]): string[] {
  return Object.entries(PROTOTYPES).flatMap(([name, prototype], i) => {
    const known = before[i];
    return [...new Set([...Reflect.ownKeys(prototype), ...known.keys()])].flatMap((key) => {
      const was = known.get(key);
      const now = descriptor(prototype, key);
      if (was && now.value === was.value && now.get === was.get) return [];
      if (was) Object.defineProperty(prototype, key, was);
      else Reflect.deleteProperty(prototype, key);
      return [`${name}.${String(key)}`];
    });
  });
}

/**
 * Runs `body`, and finds promises that it rejects and nobody awaits.
 *
 * @throws UserCodeError for the first of them; what `body` throws
 */
export async function withoutLostRejections<T>(what: string, body: () => Promise<T>): Promise<T> {
  const lost: unknown[] = [];
  const note = (reason: unknown) => lost.push(reason);
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', note);
  try {
    const value = await body();
    await setImmediate();
    if (lost.length === 0) return value;
    throw new UserCodeError(lostRejection(what, lost[0]));
  } finally {
    process.off('unhandledRejection', note);
    for (const other of others) process.on('unhandledRejection', other);
  }
}

/** Describes a rejection that nobody awaits. */
export const lostRejection = (what: string, reason: unknown): string =>
  `${what} rejects a promise that nobody awaits${placeOf(reason)}: ${describeThrown(reason)}`;

const FRAME = /^\s*at (?:async )?(?:.* \()?((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*?):(\d+):(\d+)\)?$/;

/** ` at my-loss.ts:7:12`: the innermost place on the stack that is not in this project, in Node or in a package. */
export function placeOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  for (const line of stack.split('\n')) {
    const [, where, row, column] = FRAME.exec(line) ?? [];
    if (where === undefined) continue;
    const path = where.startsWith('file:') ? fileURLToPath(where.replace(/\?.*$/, '')) : where;
    if (path.includes('node_modules') || isOwnSource(path)) continue;
    return ` at ${shown(path)}:${row}:${column}`;
  }
  return '';
}

/** A path relative to the working folder, or only the name of a file elsewhere. */
export function shown(path: string): string {
  const below = relative(process.cwd(), path);
  return below.startsWith('..') ? basename(path) : below;
}
