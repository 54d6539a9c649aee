// Checks a relevance loss before anything is trained with it: its result, edge cases, and gradients to the weights.

import { type GradcheckReport, gradcheck } from '../../engine/autodiff/gradcheck.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import { Random } from '../../engine/core/random.ts';
import type { Tensor } from '../../engine/core/tensor.ts';
import { mean } from '../../engine/ops/index.ts';
import {
  CLASSES,
  describeBatch,
  FIRST,
  layerHere,
  makeTrial,
  SECOND,
  type Trial,
} from './check-inputs.ts';
import { contractFault, edgeFaults } from './loss-faults.ts';
import { checkSaliencyOptions } from './losses/definition.ts';
import type { RelevanceLoss, RelevanceLossInputs } from './losses.ts';
import { type SaliencyOptions, saliency } from './saliency.ts';

/** The result of `checkRelevanceLoss`. */
export interface LossCheckReport {
  readonly ok: boolean;
  /** What is wrong, one sentence each. */
  readonly problems: readonly string[];
  readonly notes: readonly string[];
  /** Number of derivatives that finite differences could judge. */
  readonly derivatives: number;
  /** Number of those that they could not; the notes say which, and why. */
  readonly unchecked: number;
}

const DEFAULT_SALIENCY: SaliencyOptions = {
  source: 'cam',
  layer: 'first',
  method: 'hirescam',
  sign: 'abs',
  target: 'label',
};

/**
 * Runs a loss on small made-up inputs of two shapes. Its result must be one finite number per image, the same in a
 * second evaluation, also if the mask is empty or full, or if saliency is zero, the same everywhere, or at one pixel
 * only. Its gradients must agree with finite differences to second order, and must reach the weights through the
 * saliency of a small network. Its saliency options must exist.
 */
export async function checkRelevanceLoss(gpu: Gpu, loss: RelevanceLoss): Promise<LossCheckReport> {
  const options = { ...DEFAULT_SALIENCY, ...loss.saliency };
  let trial: Trial;
  try {
    checkSaliencyOptions(loss.saliency ?? {}, loss.name);
    trial = makeTrial(gpu, FIRST, options);
  } catch (error) {
    return failed(`${(error as RangeError).message}`);
  }
  try {
    const { inputs } = trial;
    const fault = await contractFault(gpu, loss, inputs);
    if (fault) return failed(fault);
    const problems = await edgeFaults(gpu, loss, inputs);
    if (problems.length === 0)
      problems.push(...(await otherShapeFaults(gpu, loss, options, inputs)));
    const direct = await checkDirectly(loss, inputs);
    const through = await checkThroughNetwork(gpu, loss, trial, options);
    return reportOf([direct, through], problems);
  } finally {
    trial.dispose();
  }
}

const failed = (problem: string): LossCheckReport => ({
  ok: false,
  problems: [problem],
  notes: [],
  derivatives: 0,
  unchecked: 0,
});

/** Joins what gradcheck found to `problems` that were found before. */
export function reportOf(
  reports: readonly GradcheckReport[],
  problems: readonly string[] = [],
): LossCheckReport {
  const verdicts = reports.flatMap(({ derivatives }) => derivatives.map(({ verdict }) => verdict));
  const unchecked = verdicts.filter((verdict) => verdict === 'unclear').length;
  const derivatives = verdicts.length - unchecked;
  const all = [...problems, ...withoutRepeats(reports.flatMap((report) => report.problems))];
  if (all.length === 0 && derivatives === 0) {
    all.push(`None of ${unchecked} derivatives could be checked: the function is too rough.`);
  }
  const notes = reports.flatMap((report) => report.notes);
  return {
    ok: all.length === 0,
    problems: all,
    notes: notes.filter((note) => !note.includes('does not depend')),
    derivatives,
    unchecked,
  };
}

/** What is wrong with a loss that works on the first shape of a batch, on another one. */
async function otherShapeFaults(
  gpu: Gpu,
  loss: RelevanceLoss,
  options: SaliencyOptions,
  first: RelevanceLossInputs,
): Promise<string[]> {
  const { inputs, dispose } = makeTrial(gpu, SECOND, options);
  try {
    const fault = await contractFault(gpu, loss, inputs);
    const [found] = fault ? [fault] : await edgeFaults(gpu, loss, inputs);
    if (!found) return [];
    return [
      `With ${describeBatch(inputs)}: ${found} With ${describeBatch(first)} this is not so: does the loss count on a shape, or on one channel?`,
    ];
  } finally {
    dispose();
  }
}

/** A cut in the graph detaches everything before it, so it is reported only once. */
function withoutRepeats(problems: readonly string[]): string[] {
  const seen = new Set<string>();
  return problems.filter((problem) => {
    const [, cut] = problem.split('it is detached: ');
    const isNew = cut === undefined || !seen.has(cut);
    if (cut !== undefined) seen.add(cut);
    return isNew;
  });
}

/** Derivatives with respect to the inputs of a loss. */
function checkDirectly(
  { loss }: RelevanceLoss,
  { saliency, logits, image, ...constants }: RelevanceLossInputs,
): Promise<GradcheckReport> {
  return gradcheck(
    (given) =>
      loss({ ...(given as { saliency: Tensor; logits: Tensor; image: Tensor }), ...constants }),
    { saliency, logits, image },
  );
}

/**
 * Derivatives with respect to the weights of a small network. They are of second order, because the loss acts on a
 * gradient.
 */
async function checkThroughNetwork(
  gpu: Gpu,
  loss: RelevanceLoss,
  { inputs, classifier }: Trial,
  options: SaliencyOptions,
): Promise<GradcheckReport> {
  const { image, labels } = inputs;
  const [images] = labels.shape;
  const random = new Random('loss check signs');
  const signs = gpu.keep(
    gpu.tensor(
      Float32Array.from({ length: images * CLASSES }, () => (random.uniform() < 0.5 ? -1 : 1)),
      [images, CLASSES],
    ),
  );
  image.requiresGrad = true;
  try {
    const parameters = Object.fromEntries(classifier.weights.parameters);
    const report = await gradcheck(
      () => {
        const result = classifier.forward(image, { training: true });
        const context = { classifier, image, result, labels, signs, createGraph: true };
        const map = saliency(context, { ...options, layer: layerHere(options.layer) });
        return mean(loss.loss({ ...inputs, saliency: map, logits: result.logits }));
      },
      parameters,
      { order: 1, directions: 1 },
    );
    const moved = report.derivatives.some(
      ({ numeric, analytic }) => numeric !== 0 || analytic !== 0,
    );
    if (moved) return report;
    const problem = `${loss.name} does not depend on the network's weights at all, so there is nothing to train.`;
    return { ...report, ok: false, problems: [...report.problems, problem] };
  } finally {
    image.requiresGrad = false;
    signs.dispose();
  }
}
