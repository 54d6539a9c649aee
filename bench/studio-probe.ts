// What runs in the page while it is measured: long tasks, input delay, and the time from an action to its effect.

import type { Page } from 'playwright-core';

/** Milliseconds of one stretch of time on the thread that draws. */
export interface Strain {
  /** Tasks of at least 50 ms, and when each began after the page was asked for. */
  readonly tasks: readonly { readonly took: number; readonly at: number }[];
  /** From a key press to its handling. */
  readonly delays: readonly number[];
}

const SEEN = '__seen';
/** A mark whose masks have not followed by then is lost. */
const LOST_MS = 10_000;

/** Begins to watch a page; call it before the page is opened. */
export async function watch(tab: Page): Promise<void> {
  // What tsx adds to a named function that runs in the page.
  await tab.addInitScript('globalThis.__name = (value) => value');
  await tab.addInitScript((name) => {
    const seen = { tasks: [] as Strain['tasks'][number][], delays: [] as number[], answers: 0 };
    Object.assign(globalThis, { [name]: seen });
    // Counted as they happen: an answer within one frame is never seen by a look at each frame.
    new MutationObserver((changes) => {
      for (const { target, oldValue } of changes) {
        const isDone = (target as Element).getAttribute('aria-busy') === 'false';
        if (oldValue === 'true' && isDone) seen.answers++;
      }
    }).observe(document, {
      subtree: true,
      attributeFilter: ['aria-busy'],
      attributeOldValue: true,
    });
    new PerformanceObserver((list) => {
      for (const { duration, startTime } of list.getEntries()) {
        seen.tasks.push({ took: duration, at: startTime });
      }
    }).observe({ type: 'longtask', buffered: true });
    const note = (event: Event) => seen.delays.push(performance.now() - event.timeStamp);
    addEventListener('keydown', note, { capture: true });
  }, SEEN);
}

/** What was seen since the last call. */
export const strainOf = (tab: Page): Promise<Strain> =>
  tab.evaluate((name) => {
    const page = globalThis as unknown as Record<
      string,
      { tasks: Strain['tasks'][number][]; delays: number[] }
    >;
    const { tasks, delays } = page[name];
    return { tasks: tasks.splice(0), delays: delays.splice(0) };
  }, SEEN);

/** Presses a key ten times a second until something else is done: a person who goes on meanwhile. */
export async function pressUntil(tab: Page, key: string, done: Promise<unknown>): Promise<void> {
  let isDone = false;
  const end = done.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    await tab.keyboard.press(key);
    await tab.waitForTimeout(100);
  }
  await end;
}

/**
 * Marks the segment at the cursor, on a page that shows masks already.
 *
 * @returns milliseconds until the masks have followed and are painted; Infinity if they never do
 */
export const timeMark = (tab: Page, key: string): Promise<number> =>
  tab.evaluate(
    async ([name, pressed, most]) => {
      const seen = (globalThis as unknown as Record<string, { answers: number }>)[name];
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const { answers } = seen;
      const start = performance.now();
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: pressed, bubbles: true }));
      while (seen.answers === answers) {
        if (performance.now() - start > most) return Number.POSITIVE_INFINITY;
        await frame();
      }
      return performance.now() - start;
    },
    [SEEN, key, LOST_MS] as const,
  );

/** Clicks a button. @returns milliseconds until the page says `words`, and is painted */
export const timeClick = (tab: Page, button: string, words: string): Promise<number> =>
  tab.evaluate(
    async ([name, wanted]) => {
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const found = [...document.querySelectorAll('button')].find(
        (each) => each.textContent?.trim() === name,
      );
      if (!found) return Number.NaN; // the training has ended
      const start = performance.now();
      found.click();
      while (!document.body.textContent?.includes(wanted)) {
        await frame();
        if (document.querySelector('.train a.button')) return Number.NaN;
      }
      return performance.now() - start;
    },
    [button, words] as const,
  );
