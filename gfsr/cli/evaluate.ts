// `gfsr evaluate`: measures the classifiers of a run, or of one weights file, on a data set.

import { type Evaluation, evaluate } from '../evaluate.ts';
import { Evaluator } from '../evaluator.ts';
import { findAdapter, withGpu } from './device.ts';
import { describeFindings, describeScores } from './findings.ts';
import type { Output } from './output.ts';
import { checkData, dataOf, openTrained, type Source } from './trained.ts';

export interface EvaluateOptions extends Source {
  /** Default: the data that it was trained on. */
  readonly data?: string;
  /** `test` is the default; it also has the shortcut's conditions and alignment with real masks. */
  readonly split?: string;
  readonly json: boolean;
}

/** @throws RangeError for a run or data that cannot be read, or that do not fit each other */
export async function evaluateCommand(options: EvaluateOptions, out: Output): Promise<number> {
  const { split = 'test', json } = options;
  if (split !== 'val' && split !== 'test') {
    throw new RangeError(`--split is ${split}, expected val or test.`);
  }
  await findAdapter(out);
  return withGpu(async (gpu) => {
    const all = openTrained(gpu, options);
    const dataset = await dataOf(all[0], options.data);
    const evaluations: Record<string, Evaluation> = {};
    for (const trained of all) {
      checkData(trained, dataset);
      const evaluator = new Evaluator(gpu, trained.classifier, trained.stats);
      evaluations[trained.arm] = await evaluate(evaluator, dataset, trained.config);
      await evaluator.dispose();
    }
    if (json) out.result(JSON.stringify(byArm(evaluations, split), null, 2));
    else if (split === 'val')
      for (const line of describeScores(evaluations, 'val')) out.result(line);
    else for (const line of describeFindings(evaluations, dataset)) out.result(line);
    return 0;
  });
}

/** The scores of one split; those of test with everything else that is measured on test images. */
function byArm(evaluations: Readonly<Record<string, Evaluation>>, split: 'val' | 'test') {
  return Object.fromEntries(
    Object.entries(evaluations).map(([arm, { val, test, ...onTest }]) => [
      arm,
      split === 'val' ? val : { ...test, ...onTest },
    ]),
  );
}
