// The parts of GFSR-Net that need files, and so Node: everything that the command line does. The rest is in `gfsr`.

// Files of data, annotations, losses and pictures.

export { type AnnotationSource, readAnnotationFile } from './annotation/annotation-files.ts';
export { readAnnotations } from './annotation/annotation-source.ts';
export { contactSheet } from './data/contact-sheet.ts';
export { describeDataset } from './data/dataset-summary.ts';
export { type LoadOptions, loadDataset } from './data/load.ts';
export { loadMnistDigits } from './data/mnist-digits-node.ts';
export { singleImage } from './data/single-image.ts';
export { loadLossFile } from './guidance/loss-file.ts';
export { decodePng, type Image } from './image/png.ts';
export { encodePng } from './image/png-encode.ts';

// Runs: prepared from settings, trained in a folder, killed and resumed at any moment, and reported.

export { acrossDeviceLosses } from './job/device-loss.ts';
export { type Job, type OpenOptions, prepareJob, resumeJob } from './job/job.ts';
export { type FinishedJob, runJob } from './job/run-job.ts';
export { writeReport } from './report/report.ts';
export { writeResults } from './report/result-files.ts';
export { type PretrainedFile, readPretrained } from './store/pretrained-file.ts';
export { defaultRunPath, RunFolder } from './store/run-folder.ts';
export type { RunContext, RunInfo, RunSession } from './store/run-info.ts';

// Trained classifiers from a run or a weights file, and pictures of where they look.

export { type Explained, type ExplainOptions, explainImages } from './report/explanation.ts';
export { loadModel, readModel } from './store/load-model.ts';
export { dataFor, dataOf, loadRun, loadTrained } from './store/trained.ts';

// Comparisons: conditions by seeds, with tables, tests and a report; also those behind the published results, by name.

export {
  type CheckedComparison,
  type CheckedLoss,
  type Compared,
  type Comparison,
  checkComparison,
  openComparison,
  runComparison,
} from './compare/comparison.ts';
export { openPublished, publishedNames } from './compare/published-comparisons.ts';
export type { Ranked, RankedCandidate, Ranking } from './compare/ranking.ts';
export type { BrokenTrial } from './compare/run-trials.ts';
export type { Summary } from './compare/summary.ts';
export { openSweep, runSweep, type Sweep, type Swept } from './compare/sweep.ts';

// This machine: whether it can train.

export { type Diagnosis, diagnose } from './machine/diagnosis.ts';
export { examineMachine, type Machine } from './machine/machine.ts';
