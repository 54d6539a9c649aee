// Does a job: trains every arm, and writes results, pictures and report.

import type { Gpu } from '../../engine/core/gpu.ts';
import type { Annotations } from '../annotation/marks.ts';
import type { Config } from '../config/config.ts';
import type { Dataset } from '../data/dataset.ts';
import type { ExaminationOptions } from '../evaluation/examination.ts';
import type { RelevanceLoss } from '../guidance/losses.ts';
import { writeMaskPictures } from '../report/mask-pictures.ts';
import { writeReport } from '../report/report.ts';
import { writeResults } from '../report/result-files.ts';
import type { Run } from '../store/run.ts';
import type { Pretrained } from '../train/classifier.ts';
import { type ExperimentResult, InterruptedError, runExperiment } from '../train/experiment.ts';
import { DivergedError, isStopped, type TrainHooks } from '../train/train-hooks.ts';

/** What a training needs. */
export interface Work {
  readonly config: Config;
  readonly dataset: Dataset;
  readonly loss: RelevanceLoss;
  readonly annotations: Annotations;
  /** The weights that `config.model.init` names. */
  readonly pretrained?: Pretrained;
}

/** Callbacks of a job, and what it measures besides the scores. */
export interface JobHooks extends TrainHooks {
  /** Faithfulness and uncertainty of both arms on test images. Default: neither. */
  readonly trust?: ExaminationOptions;
  /** Everything is computed; what follows is written. */
  readonly onWriting?: () => void;
}

/** What `runJob` returns, apart from the files that it writes. */
export interface FinishedJob {
  readonly result: ExperimentResult;
  /** Where the HTML report is. */
  readonly report: string;
}

/**
 * Trains what the run does not hold yet, and writes all results into it.
 *
 * @throws InterruptedError after the signal, DivergedError when training fails: the run then says so, as after any
 *   failure, and can be resumed
 */
export async function runJob(
  gpu: Gpu,
  { config, dataset, annotations, loss, pretrained }: Work,
  run: Run,
  hooks: JobHooks = {},
): Promise<FinishedJob> {
  const started = performance.now();
  const { seconds } = run.info;
  const end = (status: 'interrupted' | 'failed' | 'finished') =>
    run.update({ status, seconds: seconds + (performance.now() - started) / 1000 });
  try {
    run.update({ status: 'running' });
    const result = await runExperiment(gpu, {
      ...{ dataset, config, annotations, loss, pretrained, store: run },
      ...hooks,
      onStep: (report, phase) => {
        run.logStep(report, phase);
        hooks.onStep?.(report, phase);
      },
      onRecord: (cost, phase) => {
        run.update({ steps: { ...run.info.steps, [phase]: cost } });
        hooks.onRecord?.(cost, phase);
      },
    });
    hooks.onStage?.('writing results and report');
    hooks.onWriting?.();
    const { signal } = hooks;
    const written = await writeResults(run, result, dataset, signal);
    const concepts = await writeMaskPictures(run, result, dataset, signal);
    end('finished');
    const report = await writeReport(run, result, dataset, written, concepts, signal);
    await run.settled();
    return { result, report };
  } catch (caught) {
    const error = isStopped(caught, hooks.signal)
      ? new InterruptedError('stopped while its results were written; the run can be resumed.')
      : caught;
    const resumable = error instanceof InterruptedError || error instanceof DivergedError;
    try {
      end(resumable ? 'interrupted' : 'failed');
      await run.settled();
    } catch {} // a full disk, say: what went wrong first is what counts
    throw error;
  } finally {
    run.close();
  }
}
