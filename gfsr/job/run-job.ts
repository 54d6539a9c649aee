// Runs a job in its folder: trains every arm, and writes results, pictures and report.

import type { Gpu } from '../../engine/core/gpu.ts';
import { writeMaskPictures } from '../report/mask-pictures.ts';
import { writeReport } from '../report/report.ts';
import { writeResults } from '../report/result-files.ts';
import type { RunFolder } from '../store/run-folder.ts';
import { type ExperimentResult, InterruptedError, runExperiment } from '../train/experiment.ts';
import { DivergedError, type TrainHooks } from '../train/train-hooks.ts';
import type { Job } from './job.ts';

/** What `runJob` returns, apart from the files that it writes. */
export interface FinishedJob {
  readonly result: ExperimentResult;
  /** Path of the HTML report. */
  readonly report: string;
}

/**
 * Trains what the folder does not hold yet, and writes all results into it.
 *
 * @throws InterruptedError after the signal, DivergedError when training fails: the folder then says so, as after any
 *   failure, and the run can be resumed
 */
export async function runJob(
  gpu: Gpu,
  { config, dataset, annotations, loss }: Job,
  folder: RunFolder,
  hooks: TrainHooks = {},
): Promise<FinishedJob> {
  const started = performance.now();
  const { seconds } = folder.info;
  const end = (status: 'interrupted' | 'failed' | 'finished') =>
    folder.update({ status, seconds: seconds + (performance.now() - started) / 1000 });
  try {
    folder.update({ status: 'running' });
    const result = await runExperiment(gpu, {
      ...{ dataset, config, annotations, loss, store: folder },
      ...hooks,
      onRecord: (cost, phase) => {
        folder.update({ steps: { ...folder.info.steps, [phase]: cost } });
        hooks.onRecord?.(cost, phase);
      },
    });
    hooks.onStage?.('writing results and report');
    const examples = writeResults(folder, result, dataset);
    const concepts = writeMaskPictures(folder, result, dataset);
    end('finished');
    return { result, report: writeReport(folder, result, dataset, examples, concepts) };
  } catch (error) {
    const resumable = error instanceof InterruptedError || error instanceof DivergedError;
    try {
      end(resumable ? 'interrupted' : 'failed');
    } catch {} // a full disk, say: what went wrong first is what counts
    throw error;
  } finally {
    folder.close();
  }
}
