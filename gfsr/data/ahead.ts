// Works on several items at once, and hands on the results in their order.

/** An item and what became of it. */
export interface Done<T, R> {
  readonly item: T;
  /** @throws what the work threw */
  readonly result: () => R;
}

/** @param width most items that are worked on at once */
export async function* ahead<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<Done<T, R>> {
  const running: Promise<Done<T, R>>[] = [];
  const start = (item: T): Promise<Done<T, R>> =>
    work(item).then(
      (value) => ({ item, result: () => value }),
      (error) => ({
        item,
        result: () => {
          throw error;
        },
      }),
    );
  let next = 0;
  while (next < items.length || running.length > 0) {
    while (next < items.length && running.length < width) running.push(start(items[next++]));
    yield (await running.shift()) as Done<T, R>;
  }
}
