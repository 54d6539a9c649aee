// The settings of a run, room by room: their type, their defaults, and the defaults that fit a data set.

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

export type RoomName = keyof typeof ROOMS;
export const ROOM_NAMES = Object.keys(ROOMS) as readonly RoomName[];

/** Every setting of a run, by room. */
export type Config = { readonly [Room in RoomName]: ValuesOf<(typeof ROOMS)[Room]> };

/** Some settings, by room: what a file, flags or a caller say otherwise than the defaults. */
export type ConfigChanges = { readonly [Room in RoomName]?: Partial<Config[Room]> };

/** The default job: Decoy-MNIST, a dense head, the first map guided. Chosen on validation data with the decoy. */
export const defaultConfig: Config = {
  data: defaultsOf(dataSettings),
  model: defaultsOf(modelSettings),
  train: defaultsOf(trainSettings),
  saliency: defaultsOf(saliencySettings),
  guidance: defaultsOf(guidanceSettings),
  annotation: defaultsOf(annotationSettings),
  masks: defaultsOf(maskSettings),
};

/** Settings with changes over them, which are not checked; later ones win. */
export function withChanges<C extends ConfigChanges>(base: C, ...changes: ConfigChanges[]): C {
  const rooms = ROOM_NAMES.flatMap((room) => {
    const layers = [base, ...changes].flatMap((each) => (each[room] ? [each[room]] : []));
    return layers.length > 0 ? [[room, Object.assign({}, ...layers)]] : [];
  });
  return Object.fromEntries(rooms);
}

/** What the defaults depend on: a `Dataset` has it. */
export interface DescribedData {
  readonly name: string;
  readonly height: number;
  readonly width: number;
  readonly train: { readonly count: number };
}

/** Defaults that fit a data set: the job above for Decoy-MNIST, else a start that suits few, small images. */
export function dataDefaults({ name, height, width, train }: DescribedData): Config {
  if (name === 'decoy-mnist-clean') {
    return withChanges(defaultConfig, { annotation: { fraction: 0 } });
  }
  if (name.startsWith('decoy-mnist')) return defaultConfig;
  const side = Math.max(height, width);
  const { batchSize } = defaultConfig.train;
  const { segments, sigma } = defaultConfig.masks;
  return withChanges(defaultConfig, {
    model: { widths: [16, 32, 64], norm: 'batch' },
    train: { epochs: 10, batchSize: Math.min(batchSize, train.count) },
    // A map of the last layer is coarse but says what is seen; evidence for the true class is what a person marks.
    saliency: { layer: 'last', target: 'label' },
    guidance: { lambda: 1, warmupEpochs: 2, rampEpochs: 2 },
    annotation: { fraction: Math.max(0.1, 1 / train.count) },
    masks: {
      segmentation: side < 64 ? 'grid' : 'slic',
      segments: side < 64 ? segments : 0,
      sigma: Math.round((10 * sigma * side) / 28) / 10,
    },
  });
}
