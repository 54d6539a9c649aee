// `gfsr evaluate`: measures the classifiers of a run, of one weights file, or of several as an ensemble.

import type { Gpu } from '../../engine/core/gpu.ts';
import type { Dataset } from '../data/dataset.ts';
import { type Evaluation, evaluate } from '../evaluation/evaluate.ts';
import { Evaluator, type Predictor } from '../evaluation/evaluator.ts';
import { type Faithfulness, faithfulness, scoreWith } from '../evaluation/metrics/faithfulness.ts';
import {
  parameterRandomisation,
  type RandomisedLayer,
} from '../evaluation/metrics/parameter-randomisation.ts';
import { Ensemble } from '../evaluation/uncertainty/ensemble.ts';
import { type McDropout, mcDropout } from '../evaluation/uncertainty/mc-dropout.ts';
import { measureUncertainty, type Uncertainty } from '../evaluation/uncertainty/measure.ts';
import { describeFindings, describeScores } from '../report/findings.ts';
import type { LoadedModel } from '../store/model-file.ts';
import { findAdapter, withGpu } from './device.ts';
import type { Output } from './output.ts';
import {
  checkData,
  checkMembers,
  dataOf,
  openEnsemble,
  openTrained,
  type Source,
} from './trained.ts';
import {
  describeFaithfulness,
  describeRandomisation,
  describeSpread,
  describeUncertainty,
  measureSpread,
  type Spread,
} from './trust.ts';

export interface EvaluateOptions extends Source {
  /** Weights files or run folders that are measured one by one and as one, separated by commas. */
  readonly ensemble?: string;
  /** Default: the data that it was trained on. */
  readonly data?: string;
  /** `test` is the default; it also has the shortcut's conditions and alignment with real masks. */
  readonly split?: string;
  /** Insertion, deletion, ROAD and parameter randomisation too. */
  readonly faithfulness: boolean;
  /** Temperature scaling and conformal sets too. */
  readonly uncertainty: boolean;
  /** Passes with dropout on, beside the classifier as it is. */
  readonly mcDropout?: string;
  /** How many test images faithfulness takes, spread evenly. Default 64. */
  readonly images?: string;
  readonly json: boolean;
}

/** One column of the tables. */
interface Subject {
  readonly name: string;
  readonly predictor: Predictor;
  /** Whose settings and weights these are; of an ensemble, its first member. */
  readonly trained: LoadedModel;
}

interface Measured {
  readonly evaluation: Evaluation;
  readonly faithfulness?: Faithfulness;
  readonly randomisation?: readonly RandomisedLayer[];
  readonly uncertainty?: Uncertainty;
  readonly spread?: Spread;
}

const IMAGES = 64;

/** @throws RangeError for a run or data that cannot be read, or that do not fit each other */
export async function evaluateCommand(options: EvaluateOptions, out: Output): Promise<number> {
  const { split = 'test', json } = options;
  checkFlags(options);
  await findAdapter(out);
  return withGpu(async (gpu) => {
    const { ensemble } = options;
    const all = ensemble === undefined ? openTrained(gpu, options) : openEnsemble(gpu, options);
    const dataset = await dataOf(all[0], options.data);
    for (const trained of all) checkData(trained, dataset);
    if (ensemble !== undefined && options.data === undefined) await checkMembers(all, dataset);
    const evaluators = all.map(({ classifier, stats }) => new Evaluator(gpu, classifier, stats));
    const subjects: Subject[] = all.map((trained, i) => ({
      name: ensemble === undefined ? trained.arm : `member ${i + 1}`,
      predictor: evaluators[i],
      trained,
    }));
    if (ensemble !== undefined) {
      subjects.push({ name: 'ensemble', predictor: new Ensemble(evaluators), trained: all[0] });
    }
    const sampled: McDropout[] = [];
    if (options.mcDropout !== undefined) {
      const passes = Number(options.mcDropout);
      for (const trained of all) {
        const { classifier, stats, config, arm } = trained;
        const many = mcDropout(gpu, classifier, stats, { passes, seed: config.train.seed });
        sampled.push(many);
        subjects.push({ name: `${arm}, ${passes} passes`, predictor: many.ensemble, trained });
      }
    }
    const measured: Record<string, Measured> = {};
    for (const subject of subjects) {
      out.status(`measuring ${subject.name} …`);
      measured[subject.name] = await measure(gpu, subject, dataset, options);
    }
    out.status('');
    for (const each of [...evaluators, ...sampled]) await each.dispose();
    const lines = json
      ? [JSON.stringify(byName(measured, split), null, 2)]
      : describe(measured, split, dataset);
    for (const line of lines) out.result(line);
    return 0;
  });
}

function checkFlags({
  split = 'test',
  images,
  faithfulness,
  uncertainty,
  mcDropout: passes,
  ensemble,
}: EvaluateOptions): void {
  if (passes !== undefined && ensemble !== undefined) {
    throw new RangeError('--mc-dropout makes an ensemble of one classifier. Leave out --ensemble.');
  }
  if (passes !== undefined && !/^([2-9]|[1-9]\d+)$/.test(passes)) {
    throw new RangeError(`--mc-dropout is ${passes}, expected a whole number of passes above 1.`);
  }
  if (split !== 'val' && split !== 'test') {
    throw new RangeError(`--split is ${split}, expected val or test.`);
  }
  if (split === 'val' && (faithfulness || uncertainty)) {
    throw new RangeError(
      '--faithfulness and --uncertainty are measured on test. Leave out --split.',
    );
  }
  if (images === undefined) return;
  if (!faithfulness) throw new RangeError('--images is how many --faithfulness takes. Add it.');
  if (!/^[1-9]\d*$/.test(images)) {
    throw new RangeError(`--images is ${images}, expected a whole number above 0.`);
  }
}

async function measure(
  gpu: Gpu,
  { predictor, trained }: Subject,
  dataset: Dataset,
  { faithfulness: faithful, uncertainty, images }: EvaluateOptions,
): Promise<Measured> {
  const { config, classifier, stats } = trained;
  const { saliency } = config;
  const evaluation = await evaluate(predictor, dataset, saliency);
  const { test, height, width } = dataset;
  const few = spreadEvenly(test.count, images === undefined ? IMAGES : Number(images));
  return {
    evaluation,
    ...(uncertainty && { uncertainty: await measureUncertainty(predictor, dataset) }),
    ...(faithful && {
      faithfulness: await faithfulness(
        scoreWith(predictor),
        test,
        await predictor.explain(test, saliency, few),
        few,
        {
          fill: stats.mean.map((mean) => 255 * mean),
          size: [height, width],
          seed: config.train.seed,
        },
      ),
    }),
    ...(faithful &&
      !(predictor instanceof Ensemble) && {
        randomisation: await parameterRandomisation(gpu, classifier, stats, test, few, saliency),
      }),
    ...(predictor instanceof Ensemble && {
      spread: await measureSpread(predictor, dataset, saliency),
    }),
  };
}

/** At most `most` of `count` indices, spread evenly. */
function spreadEvenly(count: number, most: number): number[] {
  const taken = Math.min(count, most);
  return Array.from({ length: taken }, (_, i) => Math.floor((i * count) / taken));
}

function describe(
  measured: Readonly<Record<string, Measured>>,
  split: string,
  dataset: Dataset,
): string[] {
  const of = <K extends keyof Measured>(key: K) =>
    Object.fromEntries(
      Object.entries(measured).flatMap(([name, all]) => (all[key] ? [[name, all[key]]] : [])),
    ) as Record<string, NonNullable<Measured[K]>>;
  if (split === 'val') return describeScores(of('evaluation'), 'val');
  return [
    ...describeFindings(of('evaluation'), dataset),
    ...describeSpread(of('spread')),
    ...describeUncertainty(of('uncertainty')),
    ...describeFaithfulness(of('faithfulness')),
    ...describeRandomisation(of('randomisation')),
  ];
}

/** The scores of one split; those of test with everything else that is measured on test images. */
function byName(measured: Readonly<Record<string, Measured>>, split: string) {
  return Object.fromEntries(
    Object.entries(measured).map(([name, { evaluation, ...further }]) => {
      const { val, test, ...onTest } = evaluation;
      return [name, split === 'val' ? val : { ...test, ...onTest, ...further }];
    }),
  );
}
