// A run on disk: its folder, its figures and pictures, its report, and the models in it (Node only).

export type { ArmView, Example } from './examples.ts';
export {
  encodeModel,
  type LoadedModel,
  loadModel,
  type ModelFile,
  readModel,
} from './model-file.ts';
export { beside, drawHeat, drawImage, type HeatMap, type Picture } from './pictures.ts';
export { writeReport } from './report.ts';
export { writeResults } from './results.ts';
export { defaultRunPath, RunFolder } from './run-folder.ts';
export type { RunContext, RunInfo } from './run-info.ts';
export { drawConcept, drawCut, drawSegment } from './segment-pictures.ts';
export { type ShownConcept, writeStages } from './stages.ts';
