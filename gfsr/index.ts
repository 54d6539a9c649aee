// GFSR-Net as a library: data, annotations, masks, losses, training and metrics; runs in Node and in browsers.

export * from '../model/metrics.ts';
export * from '../model/scores.ts';
export * from './annotation/annotations.ts';
export * from './annotation/marks.ts';
export * from './annotation/planes.ts';
export * from './annotation/raster.ts';
export * from './annotation/simulate.ts';
export * from './config/annotation.ts';
export * from './config/config.ts';
export * from './config/data.ts';
export * from './config/declaration.ts';
export * from './config/guidance.ts';
export type { MaskSettings } from './config/masks.ts';
export * from './config/parse.ts';
export * from './config/saliency.ts';
export * from './config/settings.ts';
export * from './config/train.ts';
export * from './data/catalog.ts';
export * from './data/dataset.ts';
export * from './data/decoy-mnist.ts';
export * from './data/defaults.ts';
export * from './data/medmnist.ts';
export * from './data/normalise.ts';
export * from './data/npy.ts';
export { type NpzOptions, readNpz } from './data/npz.ts';
export * from './data/shortcuts/plant.ts';
export * from './evaluation/evaluate.ts';
export {
  Evaluator,
  type Explanations,
  type Predictions,
  type Predictor,
} from './evaluation/evaluator.ts';
export * from './evaluation/metrics/alignment.ts';
export * from './evaluation/metrics/faithfulness.ts';
export * from './evaluation/metrics/impute.ts';
export * from './evaluation/metrics/map-similarity.ts';
export * from './evaluation/metrics/parameter-randomisation.ts';
export {
  type ShortcutConditions,
  type ShortcutReliance,
  type ShortcutSaliency,
  shortcutReliance,
  shortcutSaliency,
} from './evaluation/metrics/reliance.ts';
export * from './evaluation/uncertainty/conformal.ts';
export * from './evaluation/uncertainty/ensemble.ts';
export * from './evaluation/uncertainty/mc-dropout.ts';
export * from './evaluation/uncertainty/measure.ts';
export * from './evaluation/uncertainty/temperature.ts';
export * from './guidance/loss-check.ts';
export {
  defineRelevanceLoss,
  type RelevanceLoss,
  type RelevanceLossInputs,
  relevanceLosses,
  relevanceLossNamed,
} from './guidance/losses.ts';
export * from './guidance/saliency.ts';
export * from './image/area-resize.ts';
export * from './image/bilinear-resize.ts';
export * from './image/gaussian-blur.ts';
export * from './masks/annotator-agreement.ts';
export * from './masks/concept-evidence.ts';
export * from './masks/concept-summary.ts';
export * from './masks/concepts.ts';
export * from './masks/descriptors.ts';
export * from './masks/evidence.ts';
export * from './masks/masks.ts';
export * from './masks/relevance-network.ts';
export * from './masks/segmentation.ts';
export * from './masks/segments.ts';
export * from './masks/slic.ts';
export * from './masks/soft-mask.ts';
export * from './masks/standardization.ts';
export * from './train/augment.ts';
export * from './train/batches.ts';
export type { Checkpoint, EpochRecord } from './train/checkpoint.ts';
export * from './train/classification-loss.ts';
export { classifierFor } from './train/classifier.ts';
export * from './train/experiment.ts';
export * from './train/step.ts';
export * from './train/step-inputs.ts';
export * from './train/supervision.ts';
export * from './train/train-hooks.ts';
export * from './train/trainer.ts';
export * from './train/weight-average.ts';
