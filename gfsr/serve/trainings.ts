// The trainings of a page, one at a time, and what is asked of the last one.

import { zipSync } from 'fflate';
import { subset } from '../data/dataset.ts';
import { allBytes } from '../data/pixels.ts';
import { leftOut } from '../job/quick.ts';
import { runJob } from '../job/run-job.ts';
import { Training, type TrainingProgress } from '../job/training.ts';
import { StoredRun } from '../store/stored-run.ts';
import { toJson } from '../text/json.ts';
import { InterruptedError } from '../train/experiment.ts';
import type { LastingDevice } from './lasting-device.ts';
import {
  AS_THEY_ARE,
  type Confusions,
  type ExplainedImages,
  type ExplainRequest,
  type ProjectPlace,
  type RunFiles,
  type RunView,
  type TrainingEnd,
  type TrainRequest,
  type Verdicts,
} from './train-calls.ts';
import {
  beginRun,
  closed,
  configOf,
  confusionsOf,
  eachArm,
  type Maker,
  newWork,
  type ProjectFiles,
  workOf,
} from './training-run.ts';

/** What is measured for the See screen; the second says when the test images were opened first. */
const VALIDATION = 'confusion-validation.json';
const TEST = 'confusion-test.json';
/** What a person says of where the guided classifier looks: id of a training image → whether it is the right place. */
const VERDICTS = 'verdicts.json';
/** Time between two reports of the same stage. */
const REPORT_MS = 100;

/** Where trainings compute, and what they work on. */
export interface TrainingHost {
  readonly device: LastingDevice;
  readonly files: (place: ProjectPlace) => ProjectFiles;
  readonly maker: Maker;
}

type Report = (progress: TrainingProgress) => void;

export class Trainings {
  readonly #host: TrainingHost;
  #training: Training | undefined;
  /** Resolves with its end when the last training has left the device; undefined if it has. */
  #busy: Promise<TrainingEnd> | undefined;
  /** Whose training it is. */
  #place: ProjectPlace | undefined;
  #isStopping = false;
  /** Who is told how far it is. */
  readonly #followers = new Set<Report>();

  constructor(host: TrainingHost) {
    this.#host = host;
  }

  /** Whether a training has the device. */
  get isBusy(): boolean {
    return this.#busy !== undefined;
  }

  /** @throws Error if a training runs already */
  async train(request: TrainRequest, report: Report): Promise<TrainingEnd> {
    while (this.#busy) {
      if (!this.#isStopping) throw new Error('a training runs already. Stop it first.');
      await this.#busy.catch(() => {}); // one that was stopped may still have a step to do
    }
    this.#isStopping = false;
    this.#place = request.place;
    this.#busy = this.#run(request).finally(() => {
      this.#training = undefined;
      this.#busy = undefined;
    });
    return (await this.follow(request.place, report)) as TrainingEnd;
  }

  /** Follows the training that runs, until it ends; undefined if there is none of this project. */
  async follow(place: ProjectPlace, report: Report): Promise<TrainingEnd | undefined> {
    if (!this.#place || !isSame(place, this.#place)) return undefined;
    this.#followers.add(report);
    try {
      return await this.#busy;
    } finally {
      this.#followers.delete(report);
    }
  }

  async #run(request: TrainRequest): Promise<TrainingEnd> {
    const { device, maker } = this.#host;
    const files = this.#host.files(request.place);
    const old = request.isResumed ? await StoredRun.open(files.run) : undefined;
    const work = old ? { ...(await workOf(old, files)), marks: '' } : await newWork(files, request);
    let run = old;
    try {
      this.#training = Training.start(
        closed(work),
        {
          device: () => device.opened(),
          openRun: async (adapter, config) => {
            run ??= await beginRun(files, { ...work, config }, adapter, maker);
            return run;
          },
        },
        seldom((progress) => {
          for (const report of this.#followers) report(progress);
        }),
      );
      if (this.#isStopping) await this.#training.stop(); // it was asked to before it was there
      await this.#training.done;
      if (run) await this.#measure(run, files);
      return 'finished';
    } catch (error) {
      if (error instanceof InterruptedError) return 'stopped';
      throw error;
    }
  }

  async stop(): Promise<undefined> {
    this.#isStopping = true;
    await this.#training?.stop();
    return undefined;
  }

  async lastRun(place: ProjectPlace): Promise<RunView | undefined> {
    const files = this.#host.files(place);
    const run = await StoredRun.open(files.run);
    if (!run) return undefined;
    const dataset = await files.dataset();
    const { channels, height, width, classes, train, val } = dataset;
    const validation = await readJson<Confusions>(run, VALIDATION);
    const test = await readJson<NonNullable<RunView['test']>>(run, TEST);
    const less = leftOut(run.config, configOf(await files.settings(), dataset));
    const verdicts = (await readJson<Record<string, boolean>>(run, VERDICTS)) ?? {};
    return {
      started: run.info.started,
      isFinished: validation !== undefined,
      classes,
      size: { channels, height, width },
      annotations: run.info.annotations,
      epochs: run.config.train.epochs,
      ...(less && { leftOut: less }),
      verdicts: train.ids.flatMap((id, i) => (id in verdicts ? [[i, verdicts[id]] as const] : [])),
      ...(validation && { validation: { labels: [...val.labels], confusions: validation } }),
      ...(test && { test }),
    };
  }

  /** Saliency of the true class by both classifiers. */
  async explain({ place, split, images }: ExplainRequest): Promise<ExplainedImages> {
    const { run, dataset } = await this.#finished(place);
    const { gpu } = await this.#host.device.opened();
    const of = dataset[split];
    const arms = await eachArm(gpu, run, (evaluator) =>
      evaluator.explain(of, run.config.saliency, images),
    );
    const { images: pixels, labels, ids } = subset(of, images);
    const [{ height, width }] = Object.values(arms);
    return {
      pixels: allBytes(pixels),
      labels: [...labels],
      ids,
      arms,
      height,
      width,
    };
  }

  async keepVerdicts(place: ProjectPlace, verdicts: Verdicts): Promise<undefined> {
    const { run, dataset } = await this.#finished(place);
    const { ids } = dataset.train;
    run.write(VERDICTS, toJson(Object.fromEntries(verdicts.map(([i, is]) => [ids[i], is]))));
    await run.settled();
    return undefined;
  }

  /** Measures on test images, writes the run's results anew with them, and notes when that was first done. */
  async openTest(place: ProjectPlace): Promise<RunView> {
    const { run, files, dataset } = await this.#finished(place);
    if (!(await run.read(TEST))) {
      const opened = new Date().toISOString();
      const { gpu } = await this.#host.device.opened();
      // All trained weights are in the run, so that only the measuring is done anew.
      await runJob(gpu, await workOf(run, files), run);
      const splits = { [AS_THEY_ARE]: dataset.test, ...dataset.tests };
      const confusions = await confusionsOf(gpu, run, dataset, splits);
      run.write(TEST, toJson({ opened, count: dataset.test.count, confusions }));
      await run.settled();
    }
    return (await this.lastRun(place)) as RunView;
  }

  /** The folder of the run as a zip file. */
  async exportRun(place: ProjectPlace): Promise<Uint8Array> {
    // Weights and pictures hardly get smaller. Packing on other threads would need workers that the page may not have.
    return zipSync(Object.fromEntries(await this.runFiles(place)), { level: 1 });
  }

  /** The folder of the run, file by file. */
  async runFiles(place: ProjectPlace): Promise<RunFiles> {
    const run = await StoredRun.open(this.#host.files(place).run);
    if (!run) throw new Error('there is no run to export. Train first.');
    return [...(await run.files())];
  }

  async #measure(run: StoredRun, files: ProjectFiles): Promise<void> {
    const { gpu } = await this.#host.device.opened();
    const dataset = await files.dataset();
    const splits = { [AS_THEY_ARE]: dataset.val, ...dataset.vals };
    run.write(VALIDATION, toJson(await confusionsOf(gpu, run, dataset, splits)));
    await run.settled();
  }

  async #finished(place: ProjectPlace) {
    const files = this.#host.files(place);
    const run = await StoredRun.open(files.run);
    if (!run || !(await run.read(VALIDATION))) throw new Error('no training is finished yet.');
    return { run, files, dataset: (await workOf(run, files)).dataset };
  }
}

const isSame = (a: ProjectPlace, b: ProjectPlace): boolean =>
  a.kind === 'browser' ? b.kind === 'browser' && a.id === b.id : a.kind === b.kind;

async function readJson<T>(run: StoredRun, name: string): Promise<T | undefined> {
  const bytes = await run.read(name);
  return bytes && JSON.parse(new TextDecoder().decode(bytes));
}

/** Passes on what is new, and of the rest ten reports a second. */
function seldom(report: (progress: TrainingProgress) => void) {
  let last = { at: Number.NEGATIVE_INFINITY, kind: '' };
  return (progress: TrainingProgress) => {
    const { stage, notes, timing } = progress;
    const at = performance.now();
    const kind = `${stage} ${notes.length} ${timing}`;
    if (kind === last.kind && at - last.at < REPORT_MS) return;
    last = { at, kind };
    report(progress);
  };
}
