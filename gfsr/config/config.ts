// The settings of a run, by room: their types, their defaults, and how changes are applied.

import { defaultsOf, type ValuesOf } from '../../model/setting.ts';
import { annotationSettings } from './annotation.ts';
import { dataSettings } from './data.ts';
import { guidanceSettings } from './guidance.ts';
import { maskSettings } from './masks.ts';
import { modelSettings } from './model.ts';
import { saliencySettings } from './saliency.ts';
import { trainSettings } from './train.ts';

/** The declarations of every room. */
export const ROOMS = {
  data: dataSettings,
  model: modelSettings,
  train: trainSettings,
  saliency: saliencySettings,
  guidance: guidanceSettings,
  annotation: annotationSettings,
  masks: maskSettings,
} as const;

/** Names of the rooms of settings. */
export type RoomName = keyof typeof ROOMS;
export const ROOM_NAMES = Object.keys(ROOMS) as readonly RoomName[];

/** Every setting of a run, by room. */
export type Config = { readonly [Room in RoomName]: ValuesOf<(typeof ROOMS)[Room]> };

/** Some settings, by room: where a file, flags or a caller differ from the defaults. */
export type ConfigChanges = { readonly [Room in RoomName]?: Partial<Config[Room]> };

/**
 * The method by its name: the loss `gfsr` on Grad-CAM at the last map. `dataDefaults` adapts it to a data set: to the
 * size and number of its images, or to what is known of it.
 */
export const defaultConfig: Config = {
  data: defaultsOf(dataSettings),
  model: defaultsOf(modelSettings),
  train: defaultsOf(trainSettings),
  saliency: defaultsOf(saliencySettings),
  guidance: defaultsOf(guidanceSettings),
  annotation: defaultsOf(annotationSettings),
  masks: defaultsOf(maskSettings),
};

/** Applies changes to settings without checking them. Later changes override earlier ones. */
export function withChanges<C extends ConfigChanges>(base: C, ...changes: ConfigChanges[]): C {
  const rooms = ROOM_NAMES.flatMap((room) => {
    const layers = [base, ...changes].flatMap((each) => (each[room] ? [each[room]] : []));
    return layers.length > 0 ? [[room, Object.assign({}, ...layers)]] : [];
  });
  return Object.fromEntries(rooms);
}
