// What guides a run: the masks of the training images, and what the relevance loss is balanced and compared by.

import type { RelevanceMasks } from '../masks/masks.ts';

/** What guides training: masks, the balance of the losses, and saliency to compare with. */
export interface Supervision {
  readonly masks: RelevanceMasks;
  /** ΣCE/ΣL_rel before guidance starts, which makes λ comparable between losses. */
  readonly lossBalance: number;
  /** Saliency of every training image before guidance, as large as the masks; for a loss that needs it. */
  readonly initialSaliency?: Float32Array;
}

/** A supervision and the step from which on it guides. */
export type DatedSupervision = Supervision & { readonly step: number };
