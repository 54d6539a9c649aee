// Checks settings from files and flags. Errors name the setting and the values that it accepts.

import { parseJson } from '../text/json.ts';
import { nearestName } from '../text/suggestions.ts';
import { cut, quoted } from '../text/visible.ts';
import { checkValue } from './check-value.ts';
import {
  type Config,
  type ConfigChanges,
  defaultConfig,
  ROOM_NAMES,
  ROOMS,
  type RoomName,
  withChanges,
} from './config.ts';
import type { Declaration } from './declaration.ts';
import { OLD_NAMES, pathOfOldName } from './old-names.ts';
import { SETTINGS } from './settings.ts';

/**
 * Fills in defaults and checks all settings.
 *
 * @param settings by room; may come straight from a file, because they are checked
 * @param where start of the error message
 * @throws RangeError with the name of the setting, its value and the values it accepts. For an unknown setting it
 *   suggests the most similar name, for an old one the new name
 */
export function parseConfig(
  settings: ConfigChanges,
  defaults: Config = defaultConfig,
  where = 'config',
): Config {
  checkChanges(settings, where);
  return withChanges(defaults, settings);
}

/**
 * Applies changes to settings; later ones override earlier ones. Their values are checked by `parseConfig`.
 *
 * @throws TypeError for something that is no object, RangeError with the name of a room or setting that there is not
 */
export function withKnownChanges<C extends ConfigChanges>(base: C, ...changes: ConfigChanges[]): C {
  for (const each of [base, ...changes]) {
    if (typeof each !== 'object' || each === null) {
      throw new TypeError(
        `withChanges: got ${quoted(each)}, expected settings by room, such as { train: { epochs: 5 } }.`,
      );
    }
    checkNames(each, 'withChanges');
  }
  return withChanges(base, ...changes);
}

/**
 * Checks settings without filling in defaults.
 *
 * @param beside other keys that are allowed beside the rooms, for suggestions
 */
export function checkChanges(
  settings: ConfigChanges,
  where = 'config',
  beside: readonly string[] = [],
): void {
  checkNames(settings, where, beside);
  for (const [room, values] of Object.entries(settings)) {
    for (const [name, value] of Object.entries(values)) {
      checkValue(`${where}: ${room}.${name}`, declarationsOf(room as RoomName)[name], value);
    }
  }
}

/** Checks that the rooms and settings exist. Their values may still be wrong. */
function checkNames(settings: ConfigChanges, where: string, beside: readonly string[] = []): void {
  for (const [room, values] of Object.entries<unknown>(settings)) {
    if (!isRoom(room)) throw new RangeError(`${where}: ${strangerAt(room, beside)}`);
    if (typeof values !== 'object' || values === null || Array.isArray(values)) {
      const moved = pathOfOldName(room);
      throw new RangeError(
        moved
          ? `${where}: ${room} is now ${moved}.`
          : `${where}: ${room} is ${quoted(values)}, expected an object of settings.`,
      );
    }
    const stranger = Object.keys(values).find((name) => !Object.hasOwn(ROOMS[room], name));
    if (stranger !== undefined) throw new RangeError(`${where}: ${strangerIn(room, stranger)}`);
  }
}

const declarationsOf = (room: RoomName): Readonly<Record<string, Declaration>> => ROOMS[room];

const isRoom = (name: string): name is RoomName => Object.hasOwn(ROOMS, name);

/** What is wrong with a key at the level of the rooms. */
function strangerAt(key: string, beside: readonly string[]): string {
  const moved = pathOfOldName(key);
  if (moved) return `${key} is now ${moved}.`;
  const here = [...ROOM_NAMES, ...beside];
  const nearest = nearestName(key, [...here, ...OLD_NAMES]);
  const meant = nearest && (here.includes(nearest) ? nearest : pathOfOldName(nearest));
  return `unknown key ${cut(key, 120)}.${meant ? ` Did you mean ${meant}?` : ` Expected ${here.join(', ')}.`}`;
}

function strangerIn(room: RoomName, name: string): string {
  const old = pathOfOldName(name);
  if (old?.startsWith(`${room}.`)) return `${room}.${name} is now ${old}.`;
  const elsewhere = SETTINGS.find((setting) => setting.name === name)?.path ?? old;
  const nearest = nearestName(name, Object.keys(ROOMS[room]));
  const meant = elsewhere ?? (nearest && `${room}.${nearest}`);
  return `unknown setting ${room}.${cut(name, 120)}.${meant ? ` Did you mean ${meant}?` : ''}`;
}

/**
 * Reads the settings in the text of a JSON file. It checks names, but not values.
 *
 * @throws RangeError if it is not a JSON object of rooms, or has a name that does not exist
 */
export function parseConfigFile(text: string, where = 'config'): ConfigChanges {
  const settings = parseJson(text, where);
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) {
    throw new RangeError(`${where}: got ${quoted(settings)}, expected an object of settings.`);
  }
  checkNames(settings, where);
  return settings;
}
