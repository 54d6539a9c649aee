// How long work is followed and stopped.

/** What a caller of long work may give it. */
export interface LongWork {
  /** Is told which share of the work is done, from 0 to 1. */
  readonly onProgress?: (share: number) => void;
  /** Once it is aborted, the work ends with its reason. */
  readonly signal?: AbortSignal;
}

/** Progress of one of several parts of a work, as progress of the whole. */
export const partOfWork =
  (onProgress: LongWork['onProgress'], part: number, parts: number) => (share: number) =>
    onProgress?.((part + share) / parts);
