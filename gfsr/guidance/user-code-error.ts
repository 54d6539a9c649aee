// Errors of users' code: how anything that it may throw is described.

import { quoted } from '../text/visible.ts';

/** A user's code failed. The message says which code, and where. */
export class UserCodeError extends Error {
  override readonly name = 'UserCodeError';
}

/** Describes a thrown value, which need not be an Error. */
export const describeThrown = (thrown: unknown): string =>
  thrown instanceof Error
    ? thrown.message || thrown.name
    : `${quoted(thrown)}, which is not an Error, so its place is unknown`;

/** Whether an error is one of the engine's own: of the device, its memory or a kernel. */
export const isOfGpu = (error: unknown): boolean =>
  String((error as { code?: unknown } | null | undefined)?.code).startsWith('GFSR_');
