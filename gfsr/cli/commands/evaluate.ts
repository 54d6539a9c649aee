// `gfsr evaluate`: measures the classifiers of a run, the one in a weights file, or an ensemble of several.

import { isDeepStrictEqual } from 'node:util';
import type { Gpu } from '../../../engine/core/gpu.ts';
import { problemLines } from '../../data/dataset-summary.ts';
import { missingClasses } from '../../data/problems.ts';
import { Evaluator } from '../../evaluation/evaluator.ts';
import {
  type Examination,
  type Examined,
  examine,
  FAITHFULNESS_IMAGES,
} from '../../evaluation/examination.ts';
import { Ensemble } from '../../evaluation/uncertainty/ensemble.ts';
import { mcDropout } from '../../evaluation/uncertainty/mc-dropout.ts';
import { describeExaminations, examinationData } from '../../report/trust.ts';
import type { LoadedModel } from '../../store/model-file.ts';
import { checkMembers, dataFor, loadMembers } from '../../store/trained.ts';
import { defineCommand } from '../../terminal/command.ts';
import type { Flags, FlagValues } from '../../terminal/flag.ts';
import { listed } from '../../text/visible.ts';
import { findAdapter, withGpu } from '../device.ts';
import { dataTold, openTrained, otherData, weights } from '../shared-flags.ts';

const flags = {
  run: {
    kind: 'text',
    value: 'folder',
    help: 'a finished run; measures every classifier in it, on its own data',
  },
  weights,
  data: otherData,
  split: { kind: 'choice', choices: ['val', 'test'], default: 'test', help: 'which images' },
  ensemble: {
    kind: 'text',
    value: 'a,b,…',
    help: 'weights files or runs, measured separately and as an ensemble',
  },
  mcDropout: {
    kind: 'integer',
    least: 2,
    most: 1000,
    help: 'this many passes with dropout on, as an ensemble, and their spread',
  },
  uncertainty: {
    kind: 'boolean',
    help: 'add temperature scaling and conformal prediction sets',
  },
  faithfulness: {
    kind: 'boolean',
    help: 'add insertion, deletion, ROAD and parameter randomisation',
  },
  images: {
    kind: 'integer',
    least: 1,
    help: 'number of test images for --faithfulness',
    usual: String(FAITHFULNESS_IMAGES),
  },
  json: { kind: 'boolean', help: 'print JSON' },
} as const satisfies Flags;

export const evaluate = defineCommand({
  name: 'evaluate',
  help: 'measure a trained classifier',
  flags,
  async run(options, out) {
    checkTogether(options);
    const { split, json, data, ensemble } = options;
    await findAdapter(out);
    return withGpu(async (gpu) => {
      const all =
        ensemble === undefined ? openTrained(gpu, options) : await openMembers(gpu, options);
      const dataset = await dataTold(all[0], data, out);
      // Members vote by number, so that all must have the first one's classes in its order.
      for (const trained of all) {
        if (!isDeepStrictEqual(trained.classes, all[0].classes)) {
          throw new RangeError(
            `ensemble: classes of a member are ${listed(trained.classes)}, expected ${listed(all[0].classes)}, as the first one has.`,
          );
        }
        dataFor(trained, dataset);
      }
      const missing = data === undefined ? missingClasses(dataset) : [];
      for (const line of problemLines(missing)) out.say(line);
      if (ensemble !== undefined && data === undefined) await checkMembers(all, dataset);
      const { subjects, dispose } = subjectsOf(gpu, all, options);
      const examined: Record<string, Examination> = {};
      for (const [name, subject] of subjects) {
        out.status(`measuring ${name} …`);
        examined[name] = await examine(gpu, subject, dataset, options);
      }
      out.status('');
      await dispose();
      const lines = json
        ? [JSON.stringify(examinationData(examined, split), null, 2)]
        : describeExaminations(examined, split, dataset);
      for (const line of lines) out.result(line);
      return 0;
    });
  },
});

type Options = FlagValues<typeof flags>;

function checkTogether(options: Options): void {
  const { split, images, faithfulness, uncertainty, mcDropout: passes, ensemble } = options;
  if (passes !== undefined && ensemble !== undefined) {
    throw new RangeError(
      '--mc-dropout: makes an ensemble from a single classifier. Leave out --ensemble.',
    );
  }
  if (ensemble !== undefined && (options.run ?? options.weights) !== undefined) {
    throw new RangeError(
      '--ensemble, --run, --weights: name the trained classifiers by only one of them.',
    );
  }
  if (split === 'val' && (faithfulness || uncertainty)) {
    throw new RangeError(
      '--faithfulness, --uncertainty: are measured on test images. Leave out --split.',
    );
  }
  if (images !== undefined && !faithfulness) {
    throw new RangeError(
      '--images: is the number of images for --faithfulness. Add --faithfulness.',
    );
  }
}

/** From a run folder it takes the guided classifier, if there is one. */
function openMembers(gpu: Gpu, { ensemble = '' }: Options): Promise<LoadedModel[]> {
  const paths = ensemble.split(',').filter((path) => path !== '');
  if (paths.length < 2) {
    throw new RangeError(
      `--ensemble: got ${paths.length} paths, expected at least 2, separated by commas.`,
    );
  }
  return loadMembers(gpu, paths);
}

/** The columns of the tables by name: each classifier alone, then the ensemble of several, or of several passes. */
function subjectsOf(
  gpu: Gpu,
  all: readonly LoadedModel[],
  { ensemble, mcDropout: passes }: Options,
) {
  const evaluators = all.map(({ classifier, stats }) => new Evaluator(gpu, classifier, stats));
  const used: { dispose(): Promise<void> }[] = [...evaluators];
  const subjects = new Map<string, Examined>();
  for (const [i, trained] of all.entries()) {
    const name = ensemble === undefined ? trained.arm : `member ${i + 1}`;
    subjects.set(name, { predictor: evaluators[i], trained });
  }
  if (ensemble !== undefined) {
    subjects.set('ensemble', { predictor: new Ensemble(evaluators), trained: all[0] });
  }
  for (const trained of passes === undefined ? [] : all) {
    const { classifier, stats, config, arm } = trained;
    const many = mcDropout(gpu, classifier, stats, { passes, seed: config.train.seed });
    used.push(many);
    subjects.set(`${arm}, ${passes} passes`, { predictor: many.ensemble, trained });
  }
  return {
    subjects,
    dispose: async () => void (await Promise.all(used.map((each) => each.dispose()))),
  };
}
