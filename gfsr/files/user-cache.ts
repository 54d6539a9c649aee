// Where this user keeps what can be made again.

import { homedir } from 'node:os';
import { join } from 'node:path';

/** A path in our part of the user's folder for caches: `XDG_CACHE_HOME`, else `~/.cache`. */
export const inUserCache = (...path: readonly string[]): string =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'gfsr', ...path);
