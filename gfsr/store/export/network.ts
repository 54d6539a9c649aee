// A trained network as the list of its steps in evaluation mode, for the formats of others.

import { type ClassifierConfig, parseClassifierConfig } from '../../../model/architectures.ts';
import { type Bottleneck, MOBILENET_EPS, mobilenetLayout } from '../../../model/mobilenet.ts';
import { RESNET_BLOCKS } from '../../../model/resnet.ts';
import { smallCnnConvolutions } from '../../../model/small-cnn.ts';

/** One step. `from` and `to` name values; the first value is `x`, normalised images, the last `logits`. */
export type Step = { readonly from: readonly string[]; readonly to: string } & (
  | {
      readonly op: 'conv';
      readonly weight: string;
      readonly bias?: string;
      readonly stride: number;
      readonly padding: number;
      /** Default 1. */
      readonly groups?: number;
    }
  /** Weights `<name>.weight`, `.bias`, `.running_mean` and `.running_var`. */
  | { readonly op: 'batch_norm'; readonly name: string; readonly eps: number }
  | { readonly op: 'relu' | 'hardswish' | 'hardsigmoid' | 'add' | 'multiply' | 'flatten' }
  /** Over all positions: `mean` to [N, C], `pool` to [N, C, 1, 1]. */
  | { readonly op: 'mean' | 'pool' }
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
  switch (config.architecture) {
    case 'small-cnn':
      smallCnn(steps, config);
      break;
    case 'resnet18':
    case 'resnet34':
      resnet(steps, config);
      break;
    case 'mobilenet_v3_small':
      mobilenet(steps, config);
  }
  return steps.list;
}

/** The last step of a network. */
const finish = (steps: Steps, name: string): Steps => steps.add({ op: 'linear', name }, 'logits');

type Of<Name> = Extract<ClassifierConfig, { architecture: Name }>;

function smallCnn(steps: Steps, config: Of<'small-cnn'>): void {
  const full = config as Required<Of<'small-cnn'>>;
  const { head, norm } = full;
  for (const [i, { isPooled }] of smallCnnConvolutions(full).entries()) {
    const conv = { op: 'conv', weight: `conv${i + 1}.weight`, stride: 1, padding: 1 } as const;
    if (norm === 'none') steps.add({ ...conv, bias: `conv${i + 1}.bias` });
    else steps.add(conv).add({ op: 'batch_norm', name: `bn${i + 1}`, eps: EPS });
    steps.add({ op: 'relu' });
    if (isPooled) steps.add({ op: 'max_pool', kernel: 2, stride: 2, padding: 0 });
  }
  if (head === 'pooled') steps.add({ op: 'mean' });
  else steps.add({ op: 'flatten' }).add({ op: 'linear', name: 'fc1' }).add({ op: 'relu' });
  finish(steps, 'fc');
}

function resnet(steps: Steps, config: Of<'resnet18' | 'resnet34'>): void {
  const large = config.stem === 'large';
  const norm = (name: string) => steps.add({ op: 'batch_norm', name, eps: EPS });
  steps.add({ op: 'conv', weight: 'conv1.weight', stride: large ? 2 : 1, padding: large ? 3 : 1 });
  norm('bn1').add({ op: 'relu' });
  if (large) steps.add({ op: 'max_pool', kernel: 3, stride: 2, padding: 1 });
  for (const [stage, blocks] of RESNET_BLOCKS[config.architecture].entries()) {
    for (let block = 0; block < blocks; block++) {
      const name = `layer${stage + 1}.${block}`;
      const start = steps.last;
      const stride = stage > 0 && block === 0 ? 2 : 1;
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
  finish(steps.add({ op: 'mean' }), 'fc');
}

function mobilenet(steps: Steps, config: Of<'mobilenet_v3_small'>): void {
  const { first, blocks, last } = mobilenetLayout(config as Required<typeof config>);
  convNorm(steps, 'features.0', { kernelSize: 3, stride: first.stride }).add({ op: 'hardswish' });
  for (const block of blocks) bottleneck(steps, block);
  convNorm(steps, last.name).add({ op: 'hardswish' }).add({ op: 'mean' });
  finish(
    steps.add({ op: 'linear', name: 'classifier.0' }).add({ op: 'hardswish' }),
    'classifier.3',
  );
}

const convNorm = (
  steps: Steps,
  name: string,
  { kernelSize = 1, ...options }: { kernelSize?: number; stride?: number; groups?: number } = {},
): Steps =>
  steps
    .add({
      ...{ op: 'conv', weight: `${name}.0.weight`, stride: 1, ...options },
      padding: (kernelSize - 1) / 2,
    })
    .add({ op: 'batch_norm', name: `${name}.1`, eps: MOBILENET_EPS });

function bottleneck(
  steps: Steps,
  { name, inChannels, expanded, outChannels, kernelSize, stride, squeezed, activation }: Bottleneck,
): void {
  const start = steps.last;
  let part = 0;
  const next = () => `${name}.block.${part++}`;
  if (expanded !== inChannels) convNorm(steps, next()).add({ op: activation });
  convNorm(steps, next(), { kernelSize, stride, groups: expanded }).add({ op: activation });
  if (squeezed) squeezeExcitation(steps, next());
  const end = convNorm(steps, next()).last;
  if (stride === 1 && inChannels === outChannels) {
    steps.add({ op: 'add' }, undefined, [start, end]);
  }
}

function squeezeExcitation(steps: Steps, name: string): void {
  const map = steps.last;
  const layer = (part: string) => {
    const weights = { weight: `${name}.${part}.weight`, bias: `${name}.${part}.bias` };
    return { op: 'conv', ...weights, stride: 1, padding: 0 } as const;
  };
  steps.add({ op: 'pool' }).add(layer('fc1')).add({ op: 'relu' }).add(layer('fc2'));
  const scale = steps.add({ op: 'hardsigmoid' }).last;
  steps.add({ op: 'multiply' }, undefined, [map, scale]);
}
