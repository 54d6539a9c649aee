// What is said of a worker that does not run.

/**
 * The error of a worker's `error` event. One without a message means that its file is not there: some bundlers make
 * one file of a page, and leave the files of its workers out without a word.
 */
export function workerFailure(event: Event): Error {
  const { message } = event as ErrorEvent;
  const [here] = import.meta.url.split(/[?#]/);
  const why =
    message ||
    `its file could not be loaded, which should be beside ${here}. ` +
      'If a bundler made that, copy the files of node_modules/gfsr/dist/studio/assets to it';
  return new Error(`a worker of the studio failed: ${why}.`);
}
