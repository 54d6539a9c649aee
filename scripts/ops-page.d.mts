// Types of ops-page.mjs.

import type { Op } from '../engine/autodiff/registry.ts';

export function opsPage(
  declarations: string,
  sources: string,
  ops: ReadonlyMap<string, Op>,
): string;
