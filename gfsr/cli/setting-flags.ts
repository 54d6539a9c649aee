// The settings of a run as flags of a command: one flag per setting, under the heading of its room.

import type { ConfigChanges } from '../config/config.ts';
import { SETTINGS, type SettingInfo } from '../config/settings.ts';
import type { Flag, FlagGroup } from '../terminal/flag.ts';

/** Paths of the settings that decide how images are read from their files. */
export const READING: readonly string[] = [
  'data.window',
  'data.background',
  'data.axis',
  'data.slices',
  'data.side',
  'data.fit',
  'data.cache',
];

/**
 * Flags for the settings with these paths, or for all.
 *
 * @param usual what the help shows as their default. Default: the defaults of the default job
 */
export function settingFlags(paths?: readonly string[], usual?: string): FlagGroup<ConfigChanges> {
  const chosen = SETTINGS.filter(({ path }) => !paths || paths.includes(path));
  const headings: Record<string, Record<string, Flag>> = {};
  for (const setting of chosen) {
    const heading = paths ? 'Settings' : `Settings: ${setting.room}`;
    headings[heading] = { ...headings[heading], [setting.flag]: flagOf(setting, usual) };
  }
  return {
    headings,
    collect: (given) => {
      const rooms: Record<string, Record<string, unknown>> = {};
      for (const { room, name, flag } of chosen) {
        if (given.has(flag)) rooms[room] = { ...rooms[room], [name]: given.get(flag) };
      }
      return rooms;
    },
  };
}

/** Without the default: it depends on the data, and an omitted flag must not override it. */
function flagOf({ flag, declaration }: SettingInfo, usual?: string): Flag {
  const { default: start, ...kind } = declaration;
  if (usual !== undefined) return { ...kind, usual };
  if (kind.kind !== 'boolean') return { ...kind, usual: String(start) };
  return { ...kind, usual: start ? `on; --no-${flag} for off` : 'off' };
}

/** Names of the flags of the changed settings, without the dashes. */
export const flagsOf = (settings: ConfigChanges): string[] =>
  SETTINGS.filter(({ room, name }) => Object.hasOwn(settings[room] ?? {}, name)).map(
    ({ flag }) => flag,
  );
