// The launches of whole training steps, as a GPU is given them, on a machine that need not have one.

import { Gpu } from '../engine/core/gpu.ts';
import { createNodeDevice } from '../engine/node.ts';
import { table } from '../gfsr/text/lines.ts';
import { sketchStep, stepCases, type Variant } from './steps.ts';

/** Takes what is usual on a GPU. */
export class AsOnGpu extends Gpu {
  override readonly isSoftware = false;
  override readonly subgroupSize = undefined;
}

const BATCH = 64;

interface StepLaunches {
  readonly variant: Variant;
  /** Kernels of each launch, in order. */
  readonly together: readonly string[];
  /** The same if each kernel is launched by itself. */
  readonly apart: readonly string[];
}

/** Of every step at batch 64. Nothing is computed. */
async function stepLaunches(): Promise<StepLaunches[]> {
  const { device, destroy } = await createNodeDevice({ backend: 'null' });
  try {
    return stepCases
      .filter(({ batch }) => batch === BATCH)
      .map((step) => {
        const [together, apart] = [true, false].map(
          (mergeLaunches) => sketchStep(new AsOnGpu(device, { mergeLaunches }), step).labels,
        );
        return { variant: step.variant, together, apart };
      });
  } finally {
    destroy();
  }
}

/** Every launch of every step, and how many there are. */
export async function launchLines(): Promise<string[]> {
  const steps = await stepLaunches();
  const lists = steps.flatMap(({ variant, together }) => [
    variant,
    ...together.map((label) => `  ${label}`),
    '',
  ]);
  const rows = steps.map(({ variant, together, apart }) =>
    [variant, together.length, apart.length].map(String),
  );
  return [...lists, ...table([['step', 'launches', 'kernels'], ...rows])];
}
