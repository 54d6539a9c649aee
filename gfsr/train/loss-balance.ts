// Balances λ: how large the two losses are before guidance starts.

import type { Gpu } from '../../engine/core/gpu.ts';
import type { Program } from '../../engine/core/program.ts';
import { ReadBehind } from '../../engine/core/read-behind.ts';
import type { Classifier } from '../../model/classifier.ts';
import { rowAt } from '../image/rows.ts';
import type { ClassificationLoss } from './classification-loss.ts';
import { createInputs, type Guidance, writeInputs } from './step-inputs.ts';
import { type LossTensors, lossTensors, readLosses, type StepLosses } from './step-losses.ts';
import type { Supervision } from './supervision.ts';
import type { TrainingBatches } from './training-batches.ts';

/** Number of batches over which the two losses are compared [ours: a whole pass costs too much]. */
const BATCHES = 32;

export interface BalanceOptions {
  readonly classifier: Classifier;
  readonly guidance: Guidance;
  readonly classLoss: ClassificationLoss;
  readonly batches: TrainingBatches;
  /** Order of the images, like that of an epoch that is not trained. */
  readonly epoch: number;
  readonly supervision: Omit<Supervision, 'lossBalance'>;
  readonly signal?: AbortSignal;
}

/** ΣCE/ΣL_rel over a few batches of guided images, in evaluation mode; 1 if nothing is to be guided. */
export async function measureBalance(gpu: Gpu, options: BalanceOptions): Promise<number> {
  const { classifier, guidance, classLoss, batches, epoch, supervision, signal } = options;
  const { images } = guidance;
  const order = batches.order(epoch);
  const count = Math.min(BATCHES, Math.floor(order.length / images));
  const inputs = createInputs(gpu, classifier, images, guidance, classLoss);
  const losses: StepLosses[] = [];
  const behind = new ReadBehind();
  let program: Program<LossTensors> | undefined;
  try {
    program = await gpu.capture(() =>
      lossTensors(classifier, inputs, guidance, classLoss, { training: false }),
    );
    for (let i = 0; i < count; i++) {
      signal?.throwIfAborted();
      const indices = rowAt(order, i, images);
      writeInputs(inputs, batches.guided(indices, `rate/${indices[0]}`, supervision));
      const read = readLosses(gpu, program.run());
      await behind.add(read.then((each) => void losses.push(each)));
    }
    await behind.finish();
  } finally {
    await behind.settle();
    program?.dispose();
    for (const tensor of Object.values(inputs)) tensor.dispose();
  }
  const mean = (of: (each: StepLosses) => number) =>
    losses.reduce((sum, each) => sum + of(each), 0) / losses.length;
  const relevance = mean((each) => each.relevance);
  return relevance > 0 ? mean((each) => each.crossEntropy) / relevance : 1;
}
