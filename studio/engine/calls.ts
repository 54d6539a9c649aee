// Everything that the page can ask of the engine worker. Each screen's calls stand beside its code.

import type { Call } from '../../gfsr/serve/messages.ts';
import type { TrainCalls } from '../../gfsr/serve/train-calls.ts';
import type { ConceptCalls } from './concept-calls.ts';
import type { MaskCalls } from './mask-calls.ts';
import type { DatasetOutline, ImageBlock } from './workspace.ts';

export interface EngineCalls extends MaskCalls, ConceptCalls, TrainCalls {
  /** Begins with a data set; the one before is forgotten. */
  readonly open: Call<DatasetOutline, undefined>;
  /** Hands over some images of it. */
  readonly images: Call<ImageBlock, undefined>;
}
