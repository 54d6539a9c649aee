// Where a comparison comes from: what another process needs to open the same one.

import * as v from 'valibot';
import type { ConfigChanges } from '../config/config.ts';

/** The text of its file with the changes of the command line. */
export const originSchema = v.object({
  kind: v.picklist(['comparison', 'sweep']),
  /** Name of the file, for errors and titles. */
  file: v.pipe(v.string(), v.maxLength(4096, 'at most 4,096 characters')),
  text: v.string(),
  changes: v.object({
    quick: v.optional(v.boolean()),
    data: v.optional(v.string()),
    settings: v.optional(
      v.custom<ConfigChanges>(
        (value) => v.is(v.record(v.string(), v.record(v.string(), v.unknown())), value),
        'settings by room',
      ),
    ),
  }),
});

export type ComparisonOrigin = v.InferOutput<typeof originSchema>;
