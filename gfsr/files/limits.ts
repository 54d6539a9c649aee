// What a file may ask of us at most. Each limit can be raised by an environment variable, which its message names.

import { grouped } from '../text/lines.ts';

const LIMITS = {
  annotationBytes: { most: 2 ** 25, what: 'bytes of annotations' },
  annotators: { most: 1000, what: 'annotators' },
  dataBytes: { most: 2 ** 31, what: 'bytes of data' },
  imagePixels: { most: 2 ** 26, what: 'pixels' },
  images: { most: 2_000_000, what: 'images' },
  manifestBytes: { most: 2 ** 26, what: 'bytes of a manifest' },
  manifestRows: { most: 200_000, what: 'rows of a manifest' },
  requestBytes: { most: 2 ** 28, what: 'bytes of a request' },
  trials: { most: 50_000, what: 'trials' },
  trainingSteps: { most: 100_000_000, what: 'training steps' },
} as const;

export type LimitName = keyof typeof LIMITS;

const variable = (name: LimitName): string =>
  `GFSR_MAX_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

/**
 * The most that is allowed: what the environment says, else what is usual.
 *
 * @throws RangeError if the variable is no whole number
 */
export function limitOf(name: LimitName, usual: number = LIMITS[name].most): number {
  const text = globalThis.process?.env?.[variable(name)];
  if (text === undefined || text === '') return usual;
  const most = Number(text);
  if (Number.isSafeInteger(most) && most > 0) return most;
  throw new RangeError(`${variable(name)}: got "${text}", expected a whole number above 0.`);
}

/**
 * @param where begins the message: the name of the file
 * @throws RangeError if `got` is more than is allowed, with the variable that raises the limit
 */
export function checkLimit(
  name: LimitName,
  got: number,
  where: string,
  most = limitOf(name),
): void {
  if (got <= most) return;
  const raised = `If this is meant, set the environment variable ${variable(name)}=${got}.`;
  throw new RangeError(
    `${where}: got ${grouped(got)} ${LIMITS[name].what}, expected at most ${grouped(most)}.` +
      (Number.isSafeInteger(got) ? ` ${raised}` : ''),
  );
}
