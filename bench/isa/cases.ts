// What is compiled: contractions and convolutions of few channels, by each strategy, at the shapes that matter.

import { preferring, tuningOf } from '../../engine/core/tuning.ts';
import { conv2d, conv2dInputGrad, conv2dWeightGrad, type Gpu, matmul } from '../../engine/index.ts';
import { contractionStrategies } from '../../engine/ops/conv/contract.ts';
import { type Launch, launchesOf } from '../../tests/support/launches.ts';
import { tripsOf } from './trips.ts';

export interface ShapeCase {
  readonly name: string;
  readonly launch: Launch;
  /** How often its loops run. */
  readonly trips: readonly number[];
  /** A GPU takes this one where nothing was tuned. */
  readonly usual: boolean;
}

const OPS = ['forward', 'input grad', 'weight grad'] as const;

interface Shape {
  readonly name: string;
  /** The ways of a convolution that suit it. */
  readonly algorithms: readonly string[];
  readonly run: (gpu: Gpu, op: (typeof OPS)[number]) => unknown;
}

function conv(n: number, from: number, to: number, side: number): Shape {
  const [xShape, wShape, yShape] = [
    [n, from, side, side],
    [to, from, 3, 3],
    [n, to, side, side],
  ];
  const options = { padding: 1, inputShape: xShape, weightShape: wShape };
  return {
    name: `conv 3×3 N${n} ${from}→${to} ${side}²`,
    algorithms:
      Math.min(from, to) < 4 ? ['direct', 'rows', 'rows by workgroups'] : ['direct', 'winograd'],
    run: (gpu, op) => {
      if (op === 'forward') return conv2d(gpu.empty(xShape), gpu.empty(wShape), options);
      if (op === 'input grad')
        return conv2dInputGrad(gpu.empty(yShape), gpu.empty(wShape), options);
      return conv2dWeightGrad(gpu.empty(xShape), gpu.empty(yShape), options);
    },
  };
}

const product = (n: number): Shape => ({
  name: `matmul ${n}³`,
  algorithms: ['direct'],
  run: (gpu, op) => op === 'forward' && matmul(gpu.empty([n, n]), gpu.empty([n, n])),
});

const SHAPES: readonly Shape[] = [
  conv(8, 64, 64, 56),
  conv(32, 32, 64, 14),
  conv(8, 256, 256, 14),
  conv(8, 512, 512, 7),
  product(1024),
  conv(32, 1, 16, 28),
  conv(64, 3, 16, 28),
];

/** Every strategy whose loops are known, at every shape. */
export function shapeCases(device: GPUDevice): ShapeCase[] {
  const cases = new Map<string, ShapeCase>();
  for (const shape of SHAPES) {
    for (const op of OPS) {
      // Traced, so that no memory is taken.
      const body = (gpu: Gpu) => gpu.trace(() => void shape.run(gpu, op));
      const usual = launchesOf(device, { tuning: tuningOf({}), isSoftware: false }, body);
      for (const algorithm of shape.algorithms) {
        for (const strategy of contractionStrategies) {
          const tuning = preferring(algorithm, strategy);
          for (const [key, launch] of launchesOf(device, { tuning, isSoftware: false }, body)) {
            const trips = tripsOf(launch);
            if (!trips) continue;
            const { kernel, args } = launch;
            const tile = Object.keys(kernel.constants).map((constant) => args[constant]);
            const name = `${shape.name} ${op}: ${kernel.label} ${tile.join(' ')}`;
            cases.set(name, { name, launch, trips, usual: usual.has(key) });
          }
        }
      }
    }
  }
  return [...cases.values()];
}
