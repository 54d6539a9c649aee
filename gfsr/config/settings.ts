// All settings in one list, and what follows from their declarations: flags, and what results and times depend on.

import { architectureSettings, architecturesWith } from '../../model/architectures.ts';
import { type Config, ROOM_NAMES, ROOMS, type RoomName } from './config.ts';
import type { Declaration, Reach } from './declaration.ts';

/** A declared setting and where it belongs. */
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
 * All settings by room, in the order of their declarations. Unless the declaration names a flag, the flag is the
 * setting's name in kebab case. If several rooms have a setting of that name, the room's name comes first.
 */
export const SETTINGS: readonly SettingInfo[] = DECLARED.map(({ room, name, declaration }) => ({
  ...{ room, name, declaration },
  path: `${room}.${name}`,
  flag: declaration.flag ?? kebabCase(isUnique(name) ? name : `${room}-${name}`),
}));

/** The value of a setting. */
export const settingValue = (config: Config, { room, name }: SettingInfo): unknown =>
  (config[room] as Readonly<Record<string, unknown>>)[name];

/** Whether a setting is used: those of another architecture than the chosen one are not. */
const isUsed = ({ model }: Config, { room, name }: SettingInfo): boolean =>
  room !== 'model' ||
  !Object.hasOwn(architectureSettings, name) ||
  architecturesWith(name as keyof typeof architectureSettings).includes(model.architecture);

/** Values of the chosen settings that are used, by path. */
const pick = (config: Config, chosen: (setting: SettingInfo) => boolean): Record<string, unknown> =>
  Object.fromEntries(
    SETTINGS.filter((setting) => chosen(setting) && isUsed(config, setting)).map((setting) => [
      setting.path,
      settingValue(config, setting),
    ]),
  );

/** The settings with any of these reaches, by path: what a result depends on. */
export const reaching = (config: Config, reaches: readonly Reach[]): Record<string, unknown> =>
  pick(config, ({ declaration }) => reaches.includes(declaration.reach));

/** The settings in these rooms that durations depend on, by path. */
export const timedSettings = (
  config: Config,
  rooms: readonly RoomName[],
): Record<string, unknown> =>
  pick(config, ({ room, declaration }) => rooms.includes(room) && declaration.timed === true);
