// Keeps the kernels of a run: those it began with, or the fastest that are measured on this adapter.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { AdapterReport } from '../../engine/core/adapter.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import { type Picks, tuningOf } from '../../engine/core/tuning.ts';
import { autotuner } from '../../engine/tuning/autotune.ts';
import type { RunFolder } from '../store/run-folder.ts';
import { readTuning, tuningCachePath, writeTuning } from '../store/tuning-file.ts';

const TUNING = 'tuning.json';

/**
 * A run keeps the ways that it began with: they decide how sums are rounded. With `tune` they are measured, where
 * this machine has not done so before.
 *
 * @param say is told which kernel is measured
 */
export function useTuning(
  gpu: Gpu,
  adapter: AdapterReport,
  folder: RunFolder,
  tune: boolean,
  say: (line: string) => void = () => {},
): void {
  const [own, cache] = [join(folder.path, TUNING), tuningCachePath(adapter)];
  const picks = readTuning(existsSync(own) || !tune ? own : cache, adapter);
  if (!tune) {
    gpu.retune(tuningOf(picks));
    return;
  }
  writeTuning(own, adapter, picks);
  const save = (found: Picks) => {
    writeTuning(own, adapter, found);
    writeTuning(cache, adapter, { ...readTuning(cache, adapter), ...found });
  };
  gpu.retune(tuningOf(picks), autotuner(gpu, { picks, say, save }));
}
