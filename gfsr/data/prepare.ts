// What happens to a data set after it was read: other splits, fewer images, smaller ones, masks by a rule, a shortcut.

import type { DataSettings } from '../config/data.ts';
import { crossValidated } from './cross-validation.ts';
import type { Dataset } from './dataset.ts';
import { backgroundLevel } from './fit-pictures.ts';
import { limitImages, thinTrain } from './limit.ts';
import { masksByRule } from './mask-rules.ts';
import { withOrigin } from './origin.ts';
import type { PictureOptions } from './picture-files.ts';
import { fitImages, reduceImages } from './resize.ts';
import { plantShortcut } from './shortcuts/plant.ts';

/** How many images of a data set are kept, how large, and with which shortcut. */
export interface PrepareOptions extends Pick<PictureOptions, 'fit' | 'background'> {
  /** Seed of everything that is drawn: Decoy-MNIST, folds, shortcuts, a limit. Default 0. */
  seed?: number | string;
  /** Shortcut to plant in the data. Default: none. */
  shortcut?: DataSettings['shortcut'];
  /** How reliably it gives the class away in training, in [0, 1]. Default 1. */
  shortcutStrength?: number;
  /** Parts of a cross-validation over all images; part `seed % folds` tests. Default 0 = the splits of the data. */
  folds?: number;
  /** Share of the training images of each class to keep, drawn by the seed. Default 1. */
  trainShare?: number;
  /** Maximum number of images per split, drawn by the seed. Default 0 = all. */
  limit?: number;
  /**
   * Without a fit, the longest side of an image in pixels: larger images are reduced to it before a shortcut is
   * planted. Default 0 = keep their size. With a fit, both sides.
   */
  side?: number;
  /** Rule that makes masks for data without any, before a shortcut is planted. Default "none". */
  maskRule?: DataSettings['maskRule'];
}

/** The data set as a run uses it. It remembers what its images were before. */
export function prepareDataset(plain: Dataset, options: PrepareOptions = {}): Dataset {
  const {
    seed,
    shortcut: kind = 'none',
    shortcutStrength: strength,
    folds = 0,
    trainShare = 1,
    limit = 0,
    maskRule = 'none',
  } = options;
  const whole = withOrigin(plain);
  const divided = folds === 0 ? whole : crossValidated(whole, folds, seed ?? 0);
  const thinned = trainShare < 1 ? thinTrain(divided, trainShare, seed ?? 0) : divided;
  const fewer = limit > 0 ? limitImages(thinned, limit, seed) : thinned;
  const sized = resized(fewer, options);
  const dataset = maskRule === 'none' ? sized : masksByRule(sized, maskRule);
  return kind === 'none' ? dataset : plantShortcut(dataset, { kind, strength, seed });
}

/** Images of the size that was asked for. Folders are read as squares already, which `fitImages` leaves unchanged. */
export function resized(
  dataset: Dataset,
  { side = 0, fit = 'none', background }: Pick<PrepareOptions, 'side' | 'fit' | 'background'>,
): Dataset {
  if (fit !== 'none') return fitImages(dataset, side, fit, backgroundLevel(background));
  return side > 0 ? reduceImages(dataset, side) : dataset;
}
