// Maps the setting names of the former flat list to their current places, for errors and for files of that time.

import type { ConfigChanges } from './config.ts';
import { SETTINGS } from './settings.ts';

/** Settings whose names changed as well. All others are found by their name. */
const RENAMED: Readonly<Record<string, string>> = {
  data: 'data.source',
  width: 'model.stageWidth',
  source: 'saliency.source',
  target: 'saliency.target',
  steps: 'saliency.integrationSteps',
  annotations: 'annotation.source',
  annotatedFraction: 'annotation.fraction',
  annotationKind: 'annotation.kind',
  annotationTarget: 'annotation.target',
};

/** The current path of a setting of the flat list; undefined if the list had no such name. */
export function pathOfOldName(name: string): string | undefined {
  if (Object.hasOwn(RENAMED, name)) return RENAMED[name];
  const renamed = Object.values(RENAMED);
  return SETTINGS.find((setting) => setting.name === name && !renamed.includes(setting.path))?.path;
}

/** Every name of the flat list. */
export const OLD_NAMES: readonly string[] = [
  ...SETTINGS.map(({ name }) => name).filter((name) => pathOfOldName(name) !== undefined),
  ...Object.keys(RENAMED),
].filter((name, i, all) => all.indexOf(name) === i);

/** Settings of a classifier from one of our files, by their current names. */
export const inModelRoom = (settings: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => {
      const [room, setting] = pathOfOldName(name)?.split('.') ?? [];
      return [room === 'model' ? setting : name, value];
    }),
  );

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Settings from one of our files, by room, even if the file still has the flat list. A name that neither has stays
 * as it is, to be refused.
 */
export function inRooms(settings: Readonly<Record<string, unknown>>): ConfigChanges {
  if (Object.values(settings).some(isObject)) return settings;
  const rooms: Record<string, Record<string, unknown>> = {};
  for (const [name, value] of Object.entries(settings)) {
    const [room, setting = name] = (pathOfOldName(name) ?? name).split('.');
    rooms[room] = { ...rooms[room], [setting]: value };
  }
  return rooms;
}
