// The results of tuning on disk, for one adapter with its driver and one version of the kernels.

import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as v from 'valibot';
import type { AdapterReport } from '../../engine/core/adapter.ts';
import type { Picks } from '../../engine/core/tuning.ts';
import { kernelsVersion } from '../../engine/tuning/autotune.ts';
import { writeAtomically } from '../files/atomic-file.ts';
import { makeFolder } from '../files/make-folder.ts';
import { inUserCache } from '../files/user-cache.ts';
import { adapterIdentity } from '../machine/adapter-schema.ts';
import { toJson } from '../text/json.ts';

const schema = v.object({
  format: v.literal('gfsr-tuning'),
  version: v.literal(1),
  /** Includes the version of the driver, if the adapter reports it. */
  adapter: v.string(),
  /** `kernelsVersion()` of the engine that measured. */
  kernels: v.string(),
  picks: v.record(v.string(), v.string()),
});

/** Where a machine keeps the results for an adapter, from run to run. */
export function tuningCachePath(adapter: AdapterReport): string {
  const name = adapterIdentity(adapter).replace(/[^A-Za-z0-9.]+/g, '-');
  return inUserCache(`tuning-${name}.json`);
}

/** Undefined if the file is missing or damaged, or belongs to another adapter, driver or version of the kernels. */
export function readTuning(path: string, adapter: AdapterReport): Picks {
  if (!existsSync(path)) return {};
  try {
    const file = v.parse(schema, JSON.parse(readFileSync(path, 'utf8')));
    return file.adapter === adapterIdentity(adapter) && file.kernels === kernelsVersion()
      ? file.picks
      : {};
  } catch {
    return {}; // it can be measured again
  }
}

export function writeTuning(path: string, adapter: AdapterReport, picks: Picks): void {
  makeFolder(dirname(path));
  const file: v.InferOutput<typeof schema> = {
    format: 'gfsr-tuning',
    version: 1,
    adapter: adapterIdentity(adapter),
    kernels: kernelsVersion(),
    picks,
  };
  writeAtomically(path, toJson(file));
}
