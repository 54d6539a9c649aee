// A trained network as the list of its steps in evaluation mode, for the formats of others.

import { type ClassifierConfig, parseClassifierConfig } from '../../../model/architectures.ts';

/** One step. `from` and `to` name values; the first value is `x`, normalised images, the last `logits`. */
export type Step = { readonly from: readonly string[]; readonly to: string } & (
  | {
      readonly op: 'conv';
      readonly weight: string;
      readonly bias?: string;
      readonly stride: number;
      readonly padding: number;
    }
  /** Weights `<name>.weight`, `.bias`, `.running_mean` and `.running_var`. */
  | { readonly op: 'batch_norm'; readonly name: string; readonly eps: number }
  | { readonly op: 'relu' | 'add' | 'mean' | 'flatten' }
  | {
      readonly op: 'max_pool';
      readonly kernel: number;
      readonly stride: number;
      readonly padding: number;
    }
  /** Weights `<name>.weight` [out, in] and `<name>.bias`. */
  | { readonly op: 'linear'; readonly name: string }
);

/** As in `batchNorm`. */
const EPS = 1e-5;

type Part<S> = S extends Step ? Omit<S, 'from' | 'to'> : never;

/** Collects steps, each of which begins where the last one ended, unless told otherwise. */
class Steps {
  readonly list: Step[] = [];
  last = 'x';

  add(part: Part<Step>, to = `v${this.list.length}`, from: readonly string[] = [this.last]): this {
    this.list.push({ ...part, from, to } as Step);
    this.last = to;
    return this;
  }
}

/** The steps from normalised images to logits. */
export function networkOf(architecture: ClassifierConfig): readonly Step[] {
  const config = parseClassifierConfig(architecture, 'networkOf');
  const steps = new Steps();
  if (config.architecture === 'small-cnn') smallCnn(steps, config);
  else resnet(steps, config);
  return steps.add({ op: 'linear', name: 'fc' }, 'logits').list;
}

type Of<Name> = Extract<ClassifierConfig, { architecture: Name }>;

function smallCnn(steps: Steps, config: Of<'small-cnn'>): void {
  const { widths, head, norm, poolings } = config as Required<Of<'small-cnn'>>;
  const pooled = Math.min(poolings, head === 'dense' ? widths.length : widths.length - 1);
  for (const i of widths.keys()) {
    const conv = { op: 'conv', weight: `conv${i + 1}.weight`, stride: 1, padding: 1 } as const;
    if (norm === 'none') steps.add({ ...conv, bias: `conv${i + 1}.bias` });
    else steps.add(conv).add({ op: 'batch_norm', name: `bn${i + 1}`, eps: EPS });
    steps.add({ op: 'relu' });
    if (i < pooled) steps.add({ op: 'max_pool', kernel: 2, stride: 2, padding: 0 });
  }
  if (head === 'pooled') steps.add({ op: 'mean' });
  else steps.add({ op: 'flatten' }).add({ op: 'linear', name: 'fc1' }).add({ op: 'relu' });
}

const STAGES = [1, 2, 3, 4];
const BLOCKS = [0, 1];

function resnet(steps: Steps, config: Of<'resnet18'>): void {
  const large = config.stem === 'large';
  const norm = (name: string) => steps.add({ op: 'batch_norm', name, eps: EPS });
  steps.add({ op: 'conv', weight: 'conv1.weight', stride: large ? 2 : 1, padding: large ? 3 : 1 });
  norm('bn1').add({ op: 'relu' });
  if (large) steps.add({ op: 'max_pool', kernel: 3, stride: 2, padding: 1 });
  for (const stage of STAGES) {
    for (const block of BLOCKS) {
      const name = `layer${stage}.${block}`;
      const start = steps.last;
      const stride = stage > 1 && block === 0 ? 2 : 1;
      steps.add({ op: 'conv', weight: `${name}.conv1.weight`, stride, padding: 1 });
      norm(`${name}.bn1`).add({ op: 'relu' });
      steps.add({ op: 'conv', weight: `${name}.conv2.weight`, stride: 1, padding: 1 });
      const main = norm(`${name}.bn2`).last;
      let shortcut = start;
      if (stride > 1) {
        const down = `${name}.downsample`;
        const conv = { op: 'conv', weight: `${down}.0.weight`, stride, padding: 0 } as const;
        steps.add(conv, undefined, [start]);
        shortcut = norm(`${down}.1`).last;
      }
      steps.add({ op: 'add' }, undefined, [main, shortcut]).add({ op: 'relu' });
    }
  }
  steps.add({ op: 'mean' });
}
