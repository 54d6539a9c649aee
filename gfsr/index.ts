// GFSR-Net as a library: data, annotations, masks, training, saliency, losses and metrics. Runs in Node and in
// browsers.

// Data: sets of images, made from your own arrays or read from bytes, and shortcuts planted in them.

export type { ShortcutKind } from './config/data.ts';
export { assembleDataset } from './data/assemble.ts';
export {
  type Dataset,
  imageAt,
  mapSplits,
  type Split,
  type SplitName,
  subset,
} from './data/dataset.ts';
export {
  type DecoyDataset,
  type DecoyOptions,
  type DecoyVariant,
  type Digits,
  decoyMnist,
} from './data/decoy-mnist.ts';
export { readMedmnist } from './data/medmnist.ts';
export { type ChannelStats, channelStats } from './data/normalise.ts';
export type { NpzOptions } from './data/npz.ts';
export { type PlantedDataset, type PlantOptions, plantShortcut } from './data/shortcuts/plant.ts';

// Settings: each has a default that fits the data. Change those that you want to.

export {
  type Config,
  type ConfigChanges,
  defaultConfig,
  type RoomName,
} from './config/config.ts';
export { parseConfig, withKnownChanges as withChanges } from './config/parse.ts';
export { SETTINGS, type SettingInfo } from './config/settings.ts';
export { dataDefaults } from './data/defaults.ts';

// Annotations: strokes from a file, a page or a simulation, and the marks that they make.

export {
  type Annotation,
  type AnnotationFile,
  mergeAnnotations,
  parseAnnotations,
  type RunLengths,
  type Stroke,
  type StrokeKind,
  type StrokeSign,
  serialiseAnnotations,
} from './annotation/annotations.ts';
export { type AnnotationPlane, type Annotations, MARK } from './annotation/marks.ts';
export { annotationPlanes, markPlane } from './annotation/planes.ts';
export { type SimulateOptions, simulateAnnotations } from './annotation/simulate.ts';
export {
  type Agreement,
  annotatorAgreement,
  type PairAgreement,
} from './masks/annotator-agreement.ts';

// Masks: a few marks, spread over all images. `buildMasks` runs all stages; `prepareSegments`, `spreadMarks`,
// `refineMarks` and `drawMasks` are its parts, for masks that follow the marks while a person marks.

export {
  type ConceptEvidence,
  type ConceptEvidenceOptions,
  conceptEvidence,
  segmentRelevance,
} from './masks/concept-evidence.ts';
export type { ConceptSummary } from './masks/concept-summary.ts';
export {
  assignConcepts,
  type ConceptOptions,
  type Concepts,
  fitConcepts,
} from './masks/concepts.ts';
export { type DescriptorGroup, type Descriptors, describeSplit } from './masks/descriptors.ts';
export { gatherEvidence, type SegmentEvidence } from './masks/evidence.ts';
export {
  buildMasks,
  drawMasks,
  type MaskOptions,
  type RelevanceMasks,
} from './masks/masks.ts';
export {
  type DescribedSegments,
  type DescribeOptions,
  type PreparedSegments,
  prepareSegments,
} from './masks/prepare.ts';
export {
  type RelevanceNetworkOptions,
  type SegmentRows,
  segmentRelevanceNetwork,
} from './masks/relevance-network.ts';
export type { Segmentation } from './masks/segmentation.ts';
export { type SegmentSettings, segmentImages } from './masks/segments.ts';
export { imageWeight, type SoftMaskOptions, softMask } from './masks/soft-mask.ts';
export {
  refineMarks,
  type SpreadMarks,
  type SpreadOptions,
  type SpreadRelevance,
  spreadMarks,
} from './masks/spread.ts';
export type { RelevanceScore, SpreadQuality } from './masks/spread-quality.ts';
export { fitStandardization, type Standardization, standardize } from './masks/standardization.ts';
export type { MaskStage, MaskTask } from './masks/task.ts';

// Training: both arms of an experiment, or a trainer that you control yourself.

export type { Checkpoint, EpochRecord } from './train/checkpoint.ts';
export type { Pretrained } from './train/classifier.ts';
export {
  ARMS,
  type Arm,
  type ArmResult,
  type CheckpointName,
  type ExperimentOptions,
  type ExperimentResult,
  type ExperimentStore,
  InterruptedError,
  memoryStore,
  runExperiment,
} from './train/experiment.ts';
export type { DatedSupervision, Supervision } from './train/supervision.ts';
export {
  DivergedError,
  type StepReport,
  type TrainHooks,
  type TrainOptions,
} from './train/train-hooks.ts';
export { Trainer, type TrainerOptions } from './train/trainer.ts';

// Saliency and relevance losses: where a classifier looks, and the cost of looking elsewhere.

export type { LossName } from './config/guidance.ts';
export { checkRelevanceLoss, type LossCheckReport } from './guidance/loss-check.ts';
export {
  defineRelevanceLoss,
  type RelevanceLoss,
  type RelevanceLossInputs,
  relevanceLosses,
} from './guidance/losses.ts';
export { type SaliencyContext, type SaliencyOptions, saliency } from './guidance/saliency.ts';

// Metrics of one classifier, or of several as an ensemble: how accurate, on what evidence, how faithful, how certain.

export { type Evaluation, evaluate, type SplitEvaluation } from './evaluation/evaluate.ts';
export {
  Evaluator,
  type EvaluatorOptions,
  type Explanations,
  type Predictions,
  type Predictor,
} from './evaluation/evaluator.ts';
export {
  type Examination,
  type ExaminationOptions,
  type Examined,
  examine,
} from './evaluation/examination.ts';
export { type Aggregate, ALIGNMENT_METRICS } from './evaluation/metrics/alignment.ts';
export {
  type Faithfulness,
  type FaithfulnessOptions,
  faithfulness,
  type Score,
  scoreWith,
} from './evaluation/metrics/faithfulness.ts';
export {
  parameterRandomisation,
  type RandomisedLayer,
} from './evaluation/metrics/parameter-randomisation.ts';
export {
  type ShortcutConditions,
  type ShortcutReliance,
  type ShortcutSaliency,
  shortcutReliance,
  shortcutSaliency,
} from './evaluation/metrics/reliance.ts';
export type { SaliencyQuality, UninformativeMaps } from './evaluation/saliency-quality.ts';
export {
  type ConformalRule,
  type ConformalScore,
  calibrateConformal,
  predictionSets,
  type SetQuality,
  setQuality,
} from './evaluation/uncertainty/conformal.ts';
export {
  Ensemble,
  type PredictionSpread,
  predictionSpread,
  type SaliencySpread,
  saliencySpread,
} from './evaluation/uncertainty/ensemble.ts';
export {
  type McDropout,
  type McDropoutOptions,
  mcDropout,
} from './evaluation/uncertainty/mc-dropout.ts';
export { measureUncertainty, type Uncertainty } from './evaluation/uncertainty/measure.ts';
export { fitTemperature, scaleTemperature } from './evaluation/uncertainty/temperature.ts';

// Model files: the files that a run writes, from bytes to a classifier and back.

export {
  decodeModel,
  encodeModel,
  type LoadedModel,
  type ModelContext,
  type ModelFile,
  restoreModel,
} from './store/model-file.ts';
