// Ctrl-C: the first one lets the work stop and save, a second one ends the process at once.

import type { Output } from '../terminal/output.ts';
import { InterruptedError } from '../train/experiment.ts';

/** npm forwards a signal that the terminal has sent already. Two signals this close together count as one. */
const ONE_PRESS_MS = 500;
/** Exit code of a program that Ctrl-C ended, by the convention of shells. */
const INTERRUPTED = 130;
/** Ctrl-C, a polite kill, and a terminal that is closed. */
const STOPPING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs `body` with a signal that aborts on SIGINT, SIGTERM or SIGHUP.
 *
 * @param advice how to continue; printed if the work stopped early
 * @returns the exit code of `body`, or 130 if the work stopped early
 */
export async function interruptible(
  out: Output,
  advice: string,
  body: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const controller = new AbortController();
  let stoppedAt = Number.NEGATIVE_INFINITY;
  const stop = (name: NodeJS.Signals): void => {
    const now = performance.now();
    if (!controller.signal.aborted) {
      stoppedAt = now;
      out.say(`${name}: stopping after this step. Press again to stop at once …`);
      controller.abort();
    } else if (now - stoppedAt > ONE_PRESS_MS) {
      // End by the signal itself, as if there were no listener, so that no driver is torn down in the middle of its
      // work.
      process.removeAllListeners(name);
      process.kill(process.pid, name);
    }
  };
  for (const name of STOPPING) process.on(name, stop);
  try {
    return await body(controller.signal);
  } catch (error) {
    out.status('');
    if (!(error instanceof InterruptedError)) throw error;
    out.result(advice);
    return INTERRUPTED;
  } finally {
    for (const name of STOPPING) process.off(name, stop);
  }
}
