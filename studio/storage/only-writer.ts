// Lets one tab write to a project; the others show it, and learn when it is free.

/** Whether this tab may write, when it might, and how it stops. */
export interface Turn {
  readonly isWriter: boolean;
  released(): Promise<void>;
  end(): void;
}

/** Takes the turn if nobody has it. Without locks (pages that are not secure) every tab is on its own. */
export function takeTurn(project: string): Promise<Turn> {
  const name = `gfsr-studio ${project}`;
  const never = () => new Promise<void>(() => {});
  if (!navigator.locks) return Promise.resolve({ isWriter: true, released: never, end: () => {} });
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, { ifAvailable: true }, (lock) => {
        if (lock) {
          return new Promise<void>((end) => resolve({ isWriter: true, released: never, end }));
        }
        const released = () => navigator.locks.request(name, () => {});
        resolve({ isWriter: false, released, end: () => {} });
        return undefined;
      })
      .catch(reject);
  });
}
