// Results that nobody measured: what the readers of result files are tested with.

import { type Result, SCHEMA_VERSION } from '../../bench/result.ts';

/** A result with 1 TFLOP/s and 100 GB/s, two kernels, a step and a first step; `changes` win. */
export function syntheticResult(changes: Partial<Result> = {}): Result {
  const row = { error: 0, dispatches: 1, runs: 1, repeats: 1 };
  const five = (ms: number) => [0.98, 0.99, 1, 1.01, 1.02].map((part) => part * ms);
  return {
    format: 'gfsr-bench',
    schemaVersion: SCHEMA_VERSION,
    started: '2026-01-02T03:04:05.000Z',
    seconds: 61,
    quick: true,
    commit: '0123456789abcdef',
    adapter: {
      vendor: 'maker',
      architecture: 'small',
      device: '',
      description: 'Chip <One>',
      isSoftware: false,
      features: [],
      limits: {},
    },
    platform: {
      runtime: 'node',
      os: 'some system',
      processor: 'some processor',
      processors: 2,
      versions: { node: '20.0.0' },
    },
    clock: { source: 'wall', reason: 'no other' },
    peaks: [
      { ...row, suite: 'peaks', name: 'multiply-add', flops: 1e9, bytes: 4, rounds: five(1) },
      { ...row, suite: 'peaks', name: 'copy kernel', flops: 0, bytes: 1e8, rounds: five(1) },
    ],
    overheads: [
      { name: 'submit and wait', bytes: 0, rounds: five(0.05) },
      { name: 'buffer copy', bytes: 1e8, rounds: five(2) },
    ],
    kernels: [
      { ...row, suite: 'convolution', name: 'conv A', flops: 4e8, bytes: 1e6, rounds: five(0.8) },
      { ...row, suite: 'elementwise', name: 'relu B', flops: 1e6, bytes: 8e6, rounds: five(0.16) },
    ],
    steps: [
      {
        name: 'plain, batch 64',
        variant: 'plain',
        batch: 64,
        dispatches: 83,
        plannedBytes: 2 ** 20,
        unsharedBytes: 2 ** 21,
        runs: 3,
        rounds: five(10),
        scriptRounds: five(1),
        gpuRounds: five(9),
      },
    ],
    firstSteps: [{ name: 'plain', cache: 'cold', pipelines: 30, rounds: five(900) }],
    failures: [],
    ...changes,
  };
}
