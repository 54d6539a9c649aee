// Checks a relevance loss before anything is trained with it: its result, edge cases, and gradients to the weights.

import { dependsOn, grad } from '../../engine/autodiff/grad.ts';
import { type GradcheckReport, gradcheck } from '../../engine/autodiff/gradcheck.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import { Random } from '../../engine/core/random.ts';
import { formatShape, sameShape, sizeOf, Tensor } from '../../engine/core/tensor.ts';
import { mean, sum } from '../../engine/ops/index.ts';
import { type ClassifierConfig, createClassifier } from '../../model/architectures.ts';
import type { Classifier } from '../../model/classifier.ts';
import { decomposition, secondPass } from './loss-context.ts';
import type { RelevanceLoss, RelevanceLossInputs } from './losses.ts';
import { keepsChannels, type SaliencyOptions, saliency } from './saliency.ts';

/** The result of `checkRelevanceLoss`. */
export interface LossCheckReport {
  readonly ok: boolean;
  /** What is wrong, one sentence each. */
  readonly problems: readonly string[];
  readonly notes: readonly string[];
  /** Number of derivatives compared with finite differences. */
  readonly derivatives: number;
}

const IMAGES = 2;
const SIZE = 8;
const CLASSES = 3;

const CLASSIFIER: ClassifierConfig = {
  architecture: 'small-cnn',
  channels: 1,
  classes: CLASSES,
  size: SIZE,
  widths: [3, 4],
  hidden: 6,
  head: 'dense',
  norm: 'none',
};

const DEFAULT_SALIENCY: SaliencyOptions = {
  source: 'cam',
  layer: 'first',
  method: 'hirescam',
  sign: 'abs',
  target: 'label',
};

/**
 * Runs a loss on small made-up inputs. Its result must be one finite number per image, also if the mask is empty or
 * full, or if there is no saliency. Its gradients must agree with finite differences to second order, and must reach
 * the weights through the saliency of a small network.
 */
export async function checkRelevanceLoss(gpu: Gpu, loss: RelevanceLoss): Promise<LossCheckReport> {
  const options = { ...DEFAULT_SALIENCY, ...loss.saliency };
  const classifier = createClassifier(gpu, CLASSIFIER, 'loss check');
  const tensors = makeInputs(gpu, options);
  const inputs = {
    ...tensors,
    forward: secondPass(classifier),
    decompose: decomposition(classifier),
  };
  try {
    const fault = await contractFault(gpu, loss, inputs);
    if (fault) return { ok: false, problems: [fault], notes: [], derivatives: 0 };
    const problems = await edgeFaults(gpu, loss, inputs);
    const direct = await checkDirectly(loss, inputs);
    const through = await checkThroughNetwork(gpu, loss, inputs, classifier, options);
    const both = [direct, through];
    problems.push(...withoutRepeats(both.flatMap((report) => report.problems)));
    return {
      ok: problems.length === 0,
      problems,
      notes: both.flatMap(({ notes }) => notes.filter((note) => !note.includes('does not depend'))),
      derivatives: both.reduce((count, { derivatives }) => count + derivatives.length, 0),
    };
  } finally {
    for (const tensor of Object.values(tensors)) tensor.dispose();
    classifier.weights.dispose();
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

function makeInputs(gpu: Gpu, options: SaliencyOptions) {
  const random = new Random('loss check');
  const make = (shape: readonly number[], value: () => number) =>
    gpu.keep(gpu.tensor(Float32Array.from({ length: sizeOf(shape) }, value), shape));
  const map = keepsChannels(options) ? [IMAGES, 1, SIZE, SIZE] : [IMAGES, SIZE, SIZE];
  const signed = options.sign === 'signed';
  return {
    saliency: make(map, () => (signed ? random.normal() : 0.1 + random.uniform())),
    mask: make(map, () => random.uniform()),
    logits: make([IMAGES, CLASSES], () => random.normal()),
    labels: gpu.keep(gpu.tensor([0, 2], [IMAGES], 'u32')),
    image: make([IMAGES, 1, SIZE, SIZE], () => random.normal()),
    initialSaliency: make(map, () => 0.1 + random.uniform()),
  };
}

/** Problems of the result itself. If there are any, nothing more can be checked. */
async function contractFault(
  gpu: Gpu,
  loss: RelevanceLoss,
  inputs: RelevanceLossInputs,
): Promise<string | undefined> {
  let y: Tensor;
  try {
    y = gpu.scope(() => loss.loss(inputs));
  } catch (error) {
    return `${loss.name} throws: ${(error as Error).message}`;
  }
  if (typeof y === 'number') {
    return `${loss.name} returns the number ${y}, expected a tensor of shape [N]. Combine tensors with functions: mul(a, b), not a * b.`;
  }
  if (!(y instanceof Tensor)) {
    return `${loss.name} returns ${y === null ? 'null' : typeof y}, expected a tensor of shape [N]. Does it come from another copy of gfsr?`;
  }
  if (!sameShape(y.shape, [IMAGES])) {
    return `${loss.name} returns shape ${formatShape(y.shape)} for ${IMAGES} images, expected [${IMAGES}]: one loss per image. Sum or average over the map's axes.`;
  }
  return undefined;
}

/** Losses and gradients that are not finite for inputs that occur in real batches. */
async function edgeFaults(
  gpu: Gpu,
  loss: RelevanceLoss,
  inputs: RelevanceLossInputs,
): Promise<string[]> {
  const filled = (x: Tensor, value: number) =>
    gpu.keep(gpu.tensor(new Float32Array(x.size).fill(value), x.shape));
  const cases = [
    ['generic inputs', inputs],
    ['an empty mask', { ...inputs, mask: filled(inputs.mask, 0) }],
    ['a full mask', { ...inputs, mask: filled(inputs.mask, 1) }],
    ['saliency that is zero everywhere', { ...inputs, saliency: filled(inputs.saliency, 0) }],
  ] as const;
  const faults: string[] = [];
  for (const [what, each] of cases) {
    each.saliency.requiresGrad = true;
    const results = gpu.scope(() => {
      const y = loss.loss(each);
      const flows = dependsOn(y, each.saliency);
      return { y, ...(flows && { dy: grad(sum(y), [each.saliency])[0] }) };
    });
    for (const [key, tensor] of Object.entries(results)) {
      const values = await tensor.data();
      const bad = values.find((v) => !Number.isFinite(v));
      const part = key === 'y' ? 'is' : 'has a gradient of';
      if (bad !== undefined) {
        faults.push(
          `${loss.name} ${part} ${bad} for ${what}. Does it divide by a sum without adding an eps?`,
        );
        break;
      }
    }
    each.saliency.requiresGrad = false;
  }
  return faults;
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
  inputs: RelevanceLossInputs,
  classifier: Classifier,
  options: SaliencyOptions,
): Promise<GradcheckReport> {
  const { image, labels } = inputs;
  const random = new Random('loss check signs');
  const signs = gpu.keep(
    gpu.tensor(
      Float32Array.from({ length: IMAGES * CLASSES }, () => (random.uniform() < 0.5 ? -1 : 1)),
      [IMAGES, CLASSES],
    ),
  );
  image.requiresGrad = true;
  try {
    const parameters = Object.fromEntries(classifier.weights.parameters);
    const report = await gradcheck(
      () => {
        const result = classifier.forward(image, { training: true });
        const context = { classifier, image, result, labels, signs, createGraph: true };
        const map = saliency(context, options);
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
