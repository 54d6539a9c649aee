// Checks settings against each other and against the data: what could never work, or never end, is refused at once.

import { architecturesWith } from '../../model/architectures.ts';
import type { Config } from '../config/config.ts';
import { isInitFile } from '../config/model.ts';
import { NOTHING_FROZEN } from '../config/train.ts';
import type { Dataset } from '../data/dataset.ts';
import { checkLimit } from '../files/limits.ts';
import { FIT_SAMPLE } from '../masks/concepts.ts';
import { defaultPlaces, defaultSegments } from '../masks/segmentation.ts';
import { grouped } from '../text/lines.ts';

/** What of the settings is used. */
export interface Use {
  /** Whether anything is guided. */
  readonly guided: boolean;
  /** Whether marks are spread over segments: not for real masks, nor for annotated images alone. */
  readonly spread: boolean;
}

/** A step takes at least about this long, on any adapter. */
const SHORTEST_STEP_MS = 1;

/**
 * @throws RangeError for training without end; and, if marks are spread, for neither concepts nor a relevance network,
 *   a blur wider than the images, more segments than pixels, or more concepts than segments
 */
export function checkSettings(config: Config, dataset: Dataset, { spread }: Use): void {
  const { batchSize, epochs } = config.train;
  const steps = epochs * Math.floor(dataset.train.count / batchSize);
  const where = `config: train.epochs is ${grouped(epochs)}, at least ${duration(steps * SHORTEST_STEP_MS)}`;
  checkLimit('trainingSteps', steps, where);
  if (spread) checkMasks(config, dataset);
}

function checkMasks({ masks }: Config, { height, width, train }: Dataset): void {
  const { sigma, segmentation, segments, concepts, relevanceNetwork } = masks;
  if (concepts === 0 && !relevanceNetwork) {
    throw new RangeError(
      'config: masks.concepts is 0 and masks.relevanceNetwork is false, but marks spread by concepts or by the network. Use concepts, or the network.',
    );
  }
  const size = `${height}×${width} pixels`;
  const longest = Math.max(height, width);
  if (sigma > longest) {
    throw new RangeError(
      `config: masks.sigma is ${sigma}, but the images have ${size}: no mask would show anything. Use at most ${longest}.`,
    );
  }
  const isGrid = segmentation === 'grid';
  const usual = isGrid ? defaultPlaces : defaultSegments;
  const wanted = segments === 0 ? usual(height, width) : segments;
  const side = Math.max(1, Math.round(Math.sqrt(wanted)));
  const shortest = Math.min(height, width);
  if (isGrid ? side > shortest : wanted > height * width) {
    throw new RangeError(
      `config: masks.segments is ${grouped(wanted)}, but the images have ${size}. Use at most ${isGrid ? shortest ** 2 : height * width}.`,
    );
  }
  // SLIC's regions may be as small as a quarter of the mean.
  const rows = train.count * (isGrid ? side ** 2 : 4 * wanted);
  const most = Math.min(rows, FIT_SAMPLE);
  if (concepts > most) {
    const why =
      most === FIT_SAMPLE ? 'of segments are clustered' : 'segments in all training images';
    throw new RangeError(
      `config: masks.concepts is ${grouped(concepts)}, but only ${grouped(most)} ${why}. Use fewer concepts, or more segments.`,
    );
  }
}

/** What of the settings will surprise, though it works: one sentence each. */
export function doubtsAbout(config: Config, { guided, spread }: Use): string[] {
  const { train, guidance, model } = config;
  const { epochs, freeze } = train;
  const doubts = spread ? idleMaskSettings(config) : [];
  if (freeze !== NOTHING_FROZEN && !isInitFile(model.init)) {
    doubts.push(
      `the layers up to ${freeze} are frozen, but nothing was learnt in them: they stay random. Name pretrained weights with --init, or leave out --freeze.`,
    );
  }
  const { guidedShare } = guidance;
  if (guided && guidedShare < 1 && normalisesBatches(model)) {
    doubts.push(
      `guidance.guidedShare is ${guidedShare} with batch normalisation: the guided images of a batch are normalised apart from the others, which cross-entropy alone does not do, so the two classifiers differ in more than guidance. Use --guided-share 1.`,
    );
  }
  if (!guided || guidance.warmupEpochs < epochs) return doubts;
  return [
    ...doubts,
    `nothing is guided: the warm-up of ${guidance.warmupEpochs} epochs is as long as training, ${epochs} epochs, so the guided classifier is the other one. Use a smaller --warmup-epochs, or more --epochs.`,
  ];
}

/** Settings of the masks that others leave without effect. */
function idleMaskSettings({ masks }: Pick<Config, 'masks'>): string[] {
  const { concepts, relevanceNetwork, conceptInputs, perClass, saturation, gamma } = masks;
  const doubts: string[] = [];
  if (conceptInputs && !relevanceNetwork) {
    doubts.push(
      'masks.conceptInputs has no effect without the relevance network, which is what sees the concepts. Leave one of the two settings out.',
    );
  }
  if (concepts === 0) {
    for (const [name, isSet] of Object.entries({ conceptInputs, perClass })) {
      if (isSet) {
        doubts.push(
          `masks.${name} has no effect with masks.concepts 0. Use concepts, or leave it out.`,
        );
      }
    }
  }
  if (gamma !== 1 && saturation === 0) {
    doubts.push(
      `masks.gamma ${gamma} has no effect with masks.saturation 0, which leaves masks as they are. Use a saturation above 0, or leave gamma out.`,
    );
  }
  return doubts;
}

/** Architectures without the setting always do. */
const normalisesBatches = ({ architecture, norm }: Config['model']): boolean =>
  norm === 'batch' || !architecturesWith('norm').includes(architecture);

/** 90,000 → 1.5 minutes. */
function duration(ms: number): string {
  const [unit, length] = (
    [
      ['years', 31_557_600_000],
      ['days', 86_400_000],
      ['hours', 3_600_000],
      ['minutes', 60_000],
    ] as const
  ).find(([, size]) => ms >= size) ?? ['seconds', 1000];
  return `${grouped(Number((ms / length).toPrecision(2)))} ${unit}`;
}
