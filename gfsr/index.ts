// GFSR-Net as a library: data, annotations, masks, losses, training and metrics; runs in Node and in browsers.

export * from './annotations.ts';
export * from './annotations-planes.ts';
export * from './annotations-raster.ts';
export * from './annotations-simulate.ts';
export * from './annotators.ts';
export * from './area-resize.ts';
export * from './augment.ts';
export * from './batches.ts';
export * from './bilinear-resize.ts';
export * from './classification-loss.ts';
export * from './concept-summary.ts';
export * from './concepts.ts';
export * from './config.ts';
export * from './data/dataset.ts';
export * from './data/decoy-mnist.ts';
export * from './data/medmnist.ts';
export * from './data/npy.ts';
export { type NpzOptions, readNpz } from './data/npz.ts';
export * from './data/published.ts';
export { SHORTCUT_KINDS, type ShortcutKind } from './data/shortcuts/kinds.ts';
export * from './data/shortcuts/plant.ts';
export * from './descriptors.ts';
export * from './evaluate.ts';
export { Evaluator, type Explanations, type Predictions, type Predictor } from './evaluator.ts';
export * from './evidence.ts';
export * from './experiment.ts';
export * from './loss-check.ts';
export {
  defineRelevanceLoss,
  type RelevanceLoss,
  type RelevanceLossInputs,
  relevanceLosses,
  relevanceLossNamed,
} from './losses.ts';
export * from './masks.ts';
export * from './metrics/alignment.ts';
export * from './metrics/classification.ts';
export * from './metrics/faithfulness.ts';
export * from './metrics/impute.ts';
export * from './metrics/map-similarity.ts';
export * from './metrics/parameter-randomisation.ts';
export {
  type ShortcutConditions,
  type ShortcutReliance,
  type ShortcutSaliency,
  shortcutReliance,
  shortcutSaliency,
} from './metrics/reliance.ts';
export * from './relevance-network.ts';
export * from './saliency.ts';
export * from './segments.ts';
export * from './soft-mask.ts';
export {
  describeSplit,
  gatherEvidence,
  onlyStrikeOut,
  segmentImages,
} from './stages.ts';
export * from './step.ts';
export * from './trainer.ts';
export * from './uncertainty/conformal.ts';
export * from './uncertainty/ensemble.ts';
export * from './uncertainty/mc-dropout.ts';
export * from './uncertainty/measure.ts';
export * from './uncertainty/temperature.ts';
export * from './weight-average.ts';
