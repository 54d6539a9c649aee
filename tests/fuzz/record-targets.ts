// Readers of settings and of what earlier runs left: configurations, comparisons, records, checkpoints, weights.

import { readdirSync, readFileSync } from 'node:fs';
import { parseComparison } from '../../gfsr/compare/comparison-file.ts';
import { parseSweep } from '../../gfsr/compare/sweep-file.ts';
import {
  formatTrialRecord,
  parseTrialRecord,
  type TrialRecord,
} from '../../gfsr/compare/trial-record.ts';
import { listTrials } from '../../gfsr/compare/trials.ts';
import { defaultConfig } from '../../gfsr/config/config.ts';
import { parseConfig, parseConfigFile } from '../../gfsr/config/parse.ts';
import { readMedmnist } from '../../gfsr/data/medmnist.ts';
import { channelStats } from '../../gfsr/data/normalise.ts';
import { valueHash } from '../../gfsr/files/content-hash.ts';
import { decodeText } from '../../gfsr/files/decode-text.ts';
import { joinBytes } from '../../gfsr/files/join-bytes.ts';
import { checkSettings } from '../../gfsr/job/settings-fit.ts';
import {
  decodeCheckpoint,
  decodeSupervision,
  encodeCheckpoint,
  supervisionParts,
} from '../../gfsr/store/checkpoint-file.ts';
import { decodeModel, encodeModel } from '../../gfsr/store/model-file.ts';
import { parseRunInfo } from '../../gfsr/store/run-info.ts';
import { classifierFor } from '../../gfsr/train/classifier.ts';
import { parameterCount } from '../../model/architectures.ts';
import { npz } from '../support/npz.ts';
import { tinyArrays } from '../support/tiny-data.ts';
import { SAFETENSORS_MUTATIONS } from './containers.ts';
import type { Mutation } from './mutation.ts';
import { FUZZED, named, type Target } from './target.ts';
import { bytesOf, JSON_MUTATIONS, mutateJson } from './values.ts';

const dataset = readMedmnist(
  npz({ ...tinyArrays(6, 'train'), ...tinyArrays(4, 'val'), ...tinyArrays(4, 'test') }),
  'tiny',
);
const file = (value: unknown): Uint8Array => bytesOf(JSON.stringify(value));
const text = (bytes: Uint8Array): string => decodeText(bytes, FUZZED);
const tensor = (shape: number[]) => ({
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});

const CONFIGS = new URL('../../gfsr/compare/configs/', import.meta.url);
const published = (): Uint8Array[] =>
  readdirSync(CONFIGS)
    .filter((name) => name.endsWith('.json'))
    .map((name) => readFileSync(new URL(name, CONFIGS)));

const TRIAL: TrialRecord = {
  ...{ format: 'gfsr-trial', version: 2, key: 'k', label: 'gfsr', seed: 0, control: 'none' },
  settings: { train: { epochs: 2 } },
  dataset: { name: 'tiny', sha256: '0f' },
  ...{ adapter: 'llvmpipe', isSoftware: true, gfsr: '0.1.0', code: 'abc' },
  ...{ finished: '2026-01-02T03:04:05.000Z', seconds: 1, annotated: 2, lossBalance: 2.5 },
  figures: { 'test accuracy': 0.5, 'val auc': Number.NaN },
  resolution: { mapSize: [6, 6], imageSize: [12, 12] },
  examples: {
    ...{ indices: [1], height: 2, width: 2, maps: 'AAAA', predicted: [0], probabilities: [0.9] },
  },
};

/** A record with another value, and the checksum of what it says now. */
const sealedRecord: Mutation = (bytes, random) => {
  const changed = mutateJson(bytes, random);
  const value = changed && JSON.parse(new TextDecoder().decode(changed));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return changed;
  const { checksum: _, ...content } = value;
  return file({ ...content, checksum: valueHash(content) });
};

const RUN = {
  ...{ format: 'gfsr-run', version: 1, status: 'finished', seconds: 1, processor: '2 × x' },
  started: '2026-01-02T03:04:05.000Z',
  adapter: {
    ...{ vendor: 'mesa', architecture: '', device: '', description: 'llvmpipe' },
    ...{ backend: 'vulkan', isSoftware: true, features: [], limits: {} },
  },
  versions: { gfsr: '0.1.0', node: '20', os: 'linux' },
  dataset: {
    ...{ name: 'tiny', images: { train: 1, val: 1, test: 1 }, classes: ['a', 'b'], notes: [] },
    sha256: '0f',
  },
  annotations: 'one click',
};

const CHECKPOINT = encodeCheckpoint(
  {
    tensors: new Map([['w', tensor([2, 2])]]),
    step: 3,
    history: [
      {
        ...{ epoch: 0, crossEntropy: 1, relevance: Number.NaN, lambda: 0, lr: 0.1 },
        ...{ valAccuracy: 0.5, valAuc: 0.5, valLoss: 1, seconds: 1 },
      },
    ],
    partial: { crossEntropy: 0, relevance: 0, guided: 0, steps: 0, seconds: 0 },
  },
  FUZZED,
);

const SUPERVISION = joinBytes([
  ...supervisionParts(
    {
      masks: {
        ...{ masks: new Float32Array(8), weights: new Float32Array(2), height: 2, width: 2 },
        ...{ annotated: 1, segments: 4, meanRelevance: 0.5 },
      },
      ...{ lossBalance: 1, step: 3 },
    },
    FUZZED,
  ),
]);

const model = (): Uint8Array => {
  const architecture = classifierFor(defaultConfig, dataset);
  const weights = new Map([['head.bias', tensor([2])]]);
  const saved = { weights, architecture, stats: channelStats(dataset) };
  return encodeModel('guided', saved, { dataset, config: defaultConfig });
};

const SETTINGS = {
  ...{ data: { limit: 10 }, model: { widths: [2, 4], hidden: 4 }, masks: { sigma: 1 } },
  ...{ train: { epochs: 2, lr: 0.001 }, guidance: { loss: 'energy', lambda: 1 } },
};

export const recordTargets: readonly Target[] = [
  {
    ...{ name: 'config', samples: /hostile\/[^/]*\.json$/, mutations: JSON_MUTATIONS },
    seeds: () => [file(SETTINGS), file(defaultConfig)],
    read(bytes) {
      const config = parseConfig(parseConfigFile(text(bytes), FUZZED), defaultConfig, FUZZED);
      named(() => checkSettings(config, dataset, { guided: true, spread: true }));
      return parameterCount(classifierFor(config, dataset));
    },
  },
  {
    ...{ name: 'comparison', samples: /^$/, mutations: JSON_MUTATIONS },
    seeds: published,
    read(bytes) {
      const spec = parseComparison(text(bytes), FUZZED);
      return named(() => listTrials(spec, defaultConfig));
    },
  },
  {
    ...{ name: 'sweep', samples: /^$/, mutations: JSON_MUTATIONS },
    seeds: () => [
      file({ seeds: [0, 1], try: { 'guidance.lambda': [1, 2], 'train.lr': [0.1, 0.01] } }),
      file({
        ...{ title: 'x', settings: { train: { epochs: 2 } }, seeds: [0], criterion: 'accuracy' },
        ...{ try: { 'train.lr': { from: 0.001, to: 0.1, log: true } }, search: { random: 3 } },
      }),
    ],
    read(bytes) {
      const { comparison } = parseSweep(text(bytes), FUZZED);
      return named(() => listTrials(comparison, defaultConfig));
    },
  },
  {
    ...{ name: 'trial record', samples: /^$/, mutations: [sealedRecord, ...JSON_MUTATIONS] },
    seeds: () => [bytesOf(formatTrialRecord(TRIAL))],
    read: (bytes) => parseTrialRecord(text(bytes), 'k', FUZZED),
  },
  {
    ...{ name: 'run record', samples: /^$/, mutations: JSON_MUTATIONS, seeds: () => [file(RUN)] },
    read: (bytes) => parseRunInfo(text(bytes), FUZZED),
  },
  {
    ...{ name: 'checkpoint', samples: /^$/, mutations: SAFETENSORS_MUTATIONS },
    seeds: () => [CHECKPOINT],
    read: (bytes) => decodeCheckpoint(bytes, FUZZED, FUZZED),
  },
  {
    ...{ name: 'masks of a run', samples: /^$/, mutations: SAFETENSORS_MUTATIONS },
    seeds: () => [SUPERVISION],
    read: (bytes) => decodeSupervision(bytes, FUZZED),
  },
  {
    ...{ name: 'weights', samples: /\.safetensors$/, mutations: SAFETENSORS_MUTATIONS },
    seeds: () => [model()],
    read: (bytes) => parameterCount(decodeModel(bytes, FUZZED).architecture),
  },
];
