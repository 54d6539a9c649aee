// Reads JSON values by a schema, with errors that name the place.

import * as v from 'valibot';
import { cut } from '../../text/visible.ts';

/** UTF-8 text of a file that may be of any kind, to look at. */
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** @throws RangeError with the first place that does not fit the schema */
export function readAs<const S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  where: string,
): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const place = v.getDotPath(issue) ?? 'the file';
  throw new RangeError(
    `${where}: ${place}: got ${cut(issue.received, 120)}, expected ${cut(issue.expected ?? 'something else', 120)}.`,
  );
}
