// Keeps the kernel strategies of a run: those that it began with, or the fastest ones measured on this adapter.

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
 * A run keeps the strategies that it began with, because they decide how sums are rounded. With `tune`, strategies are
 * measured unless this machine has measured them before.
 *
 * @param say receives the name of the kernel being measured
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
