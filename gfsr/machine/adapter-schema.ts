// What a file says about the adapter that computed it, and how it is checked when the file is read.

import * as v from 'valibot';
import { type AdapterReport, adapterName } from '../../engine/core/adapter.ts';

/** An `AdapterReport` in a file. */
export const adapterSchema = v.object({
  vendor: v.string(),
  architecture: v.string(),
  device: v.string(),
  description: v.string(),
  backend: v.optional(v.string()),
  isSoftware: v.boolean(),
  features: v.array(v.string()),
  limits: v.record(v.string(), v.number()),
});

/** Adapter, driver and backend in one line: what must be the same for results to be the same. */
export const adapterIdentity = (adapter: AdapterReport): string =>
  [adapterName(adapter), adapter.device, adapter.backend].filter(Boolean).join(' · ');
