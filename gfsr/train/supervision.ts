// What guides a run: the masks of the training images, and what the relevance loss is balanced and compared with.

import type { RelevanceMasks } from '../masks/masks.ts';

/** What guides training: masks, the balance of the losses, and saliency for comparison. */
export interface Supervision {
  readonly masks: RelevanceMasks;
  /** ΣCE/ΣL_rel before guidance starts, which makes λ comparable between losses. */
  readonly lossBalance: number;
  /** Saliency of every training image before guidance, of the size of the masks; for a loss that needs it. */
  readonly initialSaliency?: Float32Array;
}

/** A supervision, and the step from which it guides. */
export type DatedSupervision = Supervision & { readonly step: number };
