// Ctrl-C: the first asks the work to stop and save, a second ends the process at once.

/** npm passes on the signal that the terminal has sent already: two so close together are one. */
const ONE_PRESS_MS = 500;

/** Runs `body` with a signal that aborts on SIGINT or SIGTERM; `onStop` is told of the first. */
export async function interruptible<T>(
  body: (signal: AbortSignal) => Promise<T>,
  onStop: (name: NodeJS.Signals) => void,
): Promise<T> {
  const controller = new AbortController();
  let stoppedAt = Number.NEGATIVE_INFINITY;
  const stop = (name: NodeJS.Signals): void => {
    const now = performance.now();
    if (!controller.signal.aborted) {
      stoppedAt = now;
      onStop(name);
      controller.abort();
    } else if (now - stoppedAt > ONE_PRESS_MS) {
      // By the signal itself, as if nobody had listened: no driver is torn down in the middle of its work.
      process.removeAllListeners(name);
      process.kill(process.pid, name);
    }
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    return await body(controller.signal);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
