// Where each setting is now that was one of a flat list once, for errors and for the files of that time.

import type { ConfigChanges } from './config.ts';
import { SETTINGS } from './settings.ts';

/** Those whose name changed with the place; all others are found by their name. */
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

/** The path of what was called `name` in the flat list; undefined if nothing was. */
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

/** Settings of a classifier in a file of ours, by the names of today. */
export const inModelRoom = (settings: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => {
      const [room, setting] = pathOfOldName(name)?.split('.') ?? [];
      return [room === 'model' ? setting : name, value];
    }),
  );

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Settings of a file of ours in their rooms, also where the file is from when they were a flat list. */
export function inRooms(settings: Readonly<Record<string, unknown>>): ConfigChanges {
  if (Object.values(settings).some(isObject)) return settings;
  const rooms: Record<string, Record<string, unknown>> = {};
  for (const [name, value] of Object.entries(settings)) {
    const [room, setting] = (pathOfOldName(name) ?? `unknown.${name}`).split('.');
    rooms[room] = { ...rooms[room], [setting]: value };
  }
  return rooms;
}
