// Every setting in one list, and what follows from the declarations: flags, what a result and a time depend on.

import { type Config, ROOM_NAMES, ROOMS, type RoomName } from './config.ts';
import type { Declaration, Reach } from './declaration.ts';

/** A declared setting and its place. */
export interface SettingInfo {
  readonly room: RoomName;
  readonly name: string;
  /** "train.epochs". */
  readonly path: string;
  /** Name of its flag, without the dashes: "epochs". */
  readonly flag: string;
  readonly declaration: Declaration;
}

const DECLARED = ROOM_NAMES.flatMap((room) =>
  Object.entries<Declaration>(ROOMS[room]).map(([name, declaration]) => ({
    room,
    name,
    declaration,
  })),
);

const kebabCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const isUnique = (name: string): boolean =>
  DECLARED.filter((other) => other.name === name).length === 1;

/**
 * Every setting, room by room, in the order of the declarations. A flag is the setting's name in kebab case where no
 * other room has that name, else room and name; unless the declaration names its flag.
 */
export const SETTINGS: readonly SettingInfo[] = DECLARED.map(({ room, name, declaration }) => ({
  ...{ room, name, declaration },
  path: `${room}.${name}`,
  flag: declaration.flag ?? kebabCase(isUnique(name) ? name : `${room}-${name}`),
}));

/** The value of a setting. */
export const settingValue = (config: Config, { room, name }: SettingInfo): unknown =>
  (config[room] as Readonly<Record<string, unknown>>)[name];

/** Values of the chosen settings by their paths. */
const pick = (config: Config, chosen: (setting: SettingInfo) => boolean): Record<string, unknown> =>
  Object.fromEntries(
    SETTINGS.filter(chosen).map((setting) => [setting.path, settingValue(config, setting)]),
  );

/** The settings that reach any of these, by their paths: what a result depends on. */
export const reaching = (config: Config, reaches: readonly Reach[]): Record<string, unknown> =>
  pick(config, ({ declaration }) => reaches.includes(declaration.reach));

/** The settings in these rooms that a time depends on, by their paths. */
export const timedSettings = (
  config: Config,
  rooms: readonly RoomName[],
): Record<string, unknown> =>
  pick(config, ({ room, declaration }) => rooms.includes(room) && declaration.timed === true);
