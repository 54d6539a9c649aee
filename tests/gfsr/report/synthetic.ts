// A made-up result of a made-up experiment, for tests of what is written about it: no GPU, no training.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import { Random } from '../../../engine/core/random.ts';
import type { Config } from '../../../gfsr/config/config.ts';
import { parseConfig } from '../../../gfsr/config/parse.ts';
import { assembleDataset } from '../../../gfsr/data/assemble.ts';
import type { Dataset, Split } from '../../../gfsr/data/dataset.ts';
import { channelStats } from '../../../gfsr/data/normalise.ts';
import type { Evaluation } from '../../../gfsr/evaluation/evaluate.ts';
import type { RunContext } from '../../../gfsr/store/run-info.ts';
import type { Checkpoint, EpochRecord } from '../../../gfsr/train/checkpoint.ts';
import { classifierFor } from '../../../gfsr/train/classifier.ts';
import type { Examples } from '../../../gfsr/train/example-images.ts';
import type { ArmResult, ExperimentResult } from '../../../gfsr/train/experiment.ts';
import type { ClassificationScores } from '../../../model/scores.ts';

export const SIZE = 12;
const EPOCHS = 3;

/** A folder of this test file's own, gone when its tests are done. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gfsr-run-'));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const config: Config = parseConfig({
  data: { source: 'tiny' },
  train: { epochs: EPOCHS },
  guidance: { warmupEpochs: 1 },
  model: { widths: [2, 3], hidden: 4 },
});

const CLASSES = ['healthy', '<script>alert("ill")</script>'];

/** Classes of noise; of the two usual ones, one has markup as its name. */
export function dataset(channels = 1, classes = CLASSES): Dataset {
  const split = (count: number, seed: string): Split => {
    const random = new Random(seed, 'synthetic');
    const pixels = count * channels * SIZE * SIZE;
    return {
      count,
      images: Uint8Array.from({ length: pixels }, () => random.int(256)),
      labels: Int32Array.from({ length: count }, (_, i) => i % classes.length),
      ids: Array.from({ length: count }, (_, i) => `${seed} ${i}`),
    };
  };
  return assembleDataset(
    {
      name: 'tiny',
      classes,
      channels,
      height: SIZE,
      width: SIZE,
      notes: ['Made & up.'],
    },
    { train: split(8, 'train'), val: split(4, 'val'), test: split(1000, 'test') },
  );
}

export const context = ({ name, train, val, test, classes, notes }: Dataset): RunContext => ({
  started: '2026-01-02T03:04:05.000Z',
  adapter: {
    vendor: 'mesa',
    architecture: '',
    device: '',
    description: 'llvmpipe (LLVM 19)',
    backend: 'vulkan',
    isSoftware: true,
    features: ['shader-f16'],
    limits: { maxBufferSize: 1024 },
  },
  processor: '2 × test',
  versions: { gfsr: '9.8.7', node: '20.0.0', os: 'linux' },
  dataset: {
    name,
    images: { train: train.count, val: val.count, test: test.count },
    classes,
    notes,
    sha256: '0f',
  },
  annotations: 'simulated, one click on 2 of 8 training images',
});

function scores(accuracy: number): ClassificationScores {
  return {
    accuracy,
    balancedAccuracy: accuracy - 0.01,
    macroF1: accuracy - 0.02,
    auc: Math.min(1, accuracy + 0.03),
    worstClassAccuracy: accuracy - 0.2,
    ece: (1 - accuracy) / 2,
  };
}

const mean = (value: number) => ({ mean: value, sd: 0.1, count: 1000, skipped: 0 });

/** An evaluation whose accuracy is `misleading` where the shortcut misleads. */
export function evaluation(misleading: number, epg: number): Evaluation {
  const saliency = {
    alignment: {
      epg: mean(epg),
      epgGain: mean(epg - 0.2),
      iou: mean(0.3),
      pointingGame: mean(0.4),
    },
    shortcut: { share: mean(1 - epg), lift: mean((1 - epg) / 0.02) },
    uninformative: { empty: 0.03, constant: 0.01 },
  };
  const conditions = { absent: scores(0.95), misleading: scores(misleading) };
  const around = (value: number, half: number) => [value - half, value + half] as const;
  const intervals = (accuracy: number) => ({
    ...{ accuracy: around(accuracy, 0.02), auc: around(0.9, 0.039) },
    ...{ epg: around(epg, 0.006), shortcutShare: around(1 - epg, 0.006) },
  });
  return {
    val: { ...scores(0.99), intervals: intervals(0.99), conditions, ...saliency },
    test: {
      ...scores(misleading + 0.02),
      intervals: intervals(misleading + 0.02),
      conditions,
      ...saliency,
    },
    mapSize: [6, 6],
    imageSize: [SIZE, SIZE],
  };
}

export function history(guided: boolean): EpochRecord[] {
  return Array.from({ length: EPOCHS }, (_, epoch) => ({
    epoch,
    crossEntropy: 1 / (epoch + 1),
    relevance: guided && epoch > 0 ? 0.5 / epoch : 0,
    lambda: guided && epoch > 0 ? 8 : 0,
    lr: 1e-3 / (epoch + 1),
    valAccuracy: 0.8 + 0.05 * epoch,
    valAuc: 0.9,
    valLoss: 0.5,
    seconds: 1.25,
  }));
}

export function weights(seed: string): Checkpoint['tensors'] {
  const random = new Random(seed, 'weights');
  const tensor = (shape: number[]) => ({
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal()),
  });
  return new Map([
    ['conv1.weight', tensor([2, 1, 3, 3])],
    ['head.bias', tensor([2])],
  ]);
}

const EXAMPLES = { train: [0, 5], test: [1, 2, 3] };

/**
 * Probabilities [N, classes] with which the arm gets that share of the images right, and takes the others for the next
 * class. The arms err at different ends of the split, with a confidence that goes up and down.
 */
function predictions(labels: Int32Array, classes: number, accuracy: number, guided: boolean) {
  const right = Math.round(accuracy * labels.length);
  return Float32Array.from({ length: classes * labels.length }, (_, at) => {
    const [i, c] = [Math.floor(at / classes), at % classes];
    const isRight = guided ? i >= labels.length - right : i < right;
    const confidence = 0.55 + 0.004 * ((37 * i) % 100);
    const chosen = isRight ? labels[i] : (labels[i] + 1) % classes;
    return c === chosen ? confidence : (1 - confidence) / (classes - 1);
  });
}

function arm(guided: boolean, misleading: number, data: Dataset, shown: Examples): ArmResult {
  const random = new Random(guided ? 1 : 0, 'maps');
  const classes = data.classes.length;
  const explain = (indices: readonly number[]) => {
    const maps = () => ({
      probs: Float32Array.from({ length: classes * indices.length }, (_, i) =>
        i % classes === 1 ? 0.75 : 0.25 / (classes - 1),
      ),
      maps: Float32Array.from({ length: 36 * indices.length }, () => random.uniform()),
      ...{ height: 6, width: 6 },
    });
    const predicted = new Int32Array(indices.length).fill(1);
    return { indices, ...maps(), chosen: { ...maps(), predicted, explained: predicted } };
  };
  const { labels } = data.test;
  const epg = guided ? 0.8 : 0.3;
  return {
    evaluation: evaluation(misleading, epg),
    images: {
      probs: predictions(labels, classes, misleading + 0.02, guided),
      conditions: {
        absent: predictions(labels, classes, 0.95, guided),
        misleading: predictions(labels, classes, misleading, guided),
      },
      epg: Float64Array.from(labels, (label) => epg + (label ? 0.1 : -0.1)),
    },
    history: history(guided),
    epoch: EPOCHS - 1,
    weights: weights(guided ? 'guided' : 'plain'),
    architecture: classifierFor(config, data),
    stats: channelStats(data),
    examples: {
      train: explain(shown.train),
      test: explain(shown.test),
      mistakes: explain([4, 6]),
    },
  };
}

/** Accuracies where the shortcut misleads; an arm without one was not trained. */
export function result(
  accuracies: { plain?: number; guided?: number },
  data = dataset(),
  examples: Examples = EXAMPLES,
): ExperimentResult {
  const { plain, guided } = accuracies;
  return {
    arms: {
      ...(plain !== undefined && { 'cross-entropy': arm(false, plain, data, examples) }),
      ...(guided !== undefined && { guided: arm(true, guided, data, examples) }),
    },
    ...(guided !== undefined && {
      lossBalance: 2.5,
      masks: {
        masks: new Float32Array(8 * 36).fill(0.5),
        weights: new Float32Array(8).fill(1),
        height: 6,
        width: 6,
        annotated: 2,
        segments: 72,
        meanRelevance: 0.25,
      },
    }),
    examples,
  };
}
