// What is fuzzed: a reader with the files that it begins from, and what counts as a clean end of a reading.

import type { Mutation } from './mutation.ts';

/** A reader of files that strangers may give. */
export interface Target {
  readonly name: string;
  /** Whole files, made here. */
  readonly seeds: () => readonly Uint8Array[] | Promise<readonly Uint8Array[]>;
  /** Which sample files on disk it reads as well, by their path. */
  readonly samples: RegExp;
  /** Changes that suit its kind of file, beside those of bytes. */
  readonly mutations: readonly Mutation[];
  /** @throws RangeError that names `FUZZED`, if the file is refused */
  readonly read: (bytes: Uint8Array) => Promise<unknown> | unknown;
}

/** Name of every file that is read. A clean refusal says it. */
export const FUZZED = 'fuzzed';

/** What `work` returns; where its callers put the name of the file before its refusals, so does this. */
export function named<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof RangeError ? new RangeError(`${FUZZED}: ${error.message}`) : error;
  }
}

/** Longest processor time of one reading. */
export const MOST_MS = 2000;
/** Most memory that one reading may add. */
export const MOST_BYTES = 2 ** 29;

/** Words of the runtime, of which a person can make nothing. */
const RAW =
  /Invalid typed array length|Invalid array length|Maximum call stack|Array buffer allocation|Invalid string length|Cannot (read|set) propert|is not (a function|iterable|defined|a constructor)|is out of bounds|Offset is outside|Start offset|Cannot (convert|mix|destructure|create)|undefined \(reading|\[object Object\]|Reduce of empty/;
/** A message that a terminal line or two can show. */
const LONGEST_MESSAGE = 2000;

/** How a reading ended. */
export interface Verdict {
  readonly kind: 'read' | 'refused' | 'fault';
  /** Of the refusal, or what is wrong. */
  readonly message: string;
}

/** Reads a file, and says whether that ended as it must. */
export async function judge(target: Target, bytes: Uint8Array): Promise<Verdict> {
  const resident = process.memoryUsage.rss();
  const highest = peakBytes();
  const began = process.cpuUsage();
  const end = await attempt(target, bytes);
  const { user, system } = process.cpuUsage(began);
  const ms = (user + system) / 1000;
  const fault = (message: string): Verdict => ({
    kind: 'fault',
    message: end.message === '' ? message : `${message} (${end.message})`,
  });
  if (ms > MOST_MS) return fault(`took ${Math.round(ms)} ms`);
  const peak = peakBytes();
  // The peak of the process says something of this reading only if it set a new one.
  if (peak > highest && peak - resident > MOST_BYTES) {
    return fault(`took ${Math.round((peak - resident) / 2 ** 20)} MiB`);
  }
  return end;
}

const peakBytes = (): number => process.resourceUsage().maxRSS * 1024;

async function attempt(target: Target, bytes: Uint8Array): Promise<Verdict> {
  try {
    await target.read(bytes);
    return { kind: 'read', message: '' };
  } catch (error) {
    const { message = String(error), stack = '' } = Object(error);
    const fault = (what: string): Verdict => ({ kind: 'fault', message: `${what}: ${stack}` });
    if (!(error instanceof RangeError)) return fault('an error that is no RangeError');
    if (RAW.test(message)) return fault('an error of the runtime');
    if (!message.includes(FUZZED)) return fault('an error that does not name the file');
    if (message.length > LONGEST_MESSAGE) return fault(`a message of ${message.length} characters`);
    return { kind: 'refused', message };
  }
}
