// Starts the worker that reads data sets.

export const startReader = (): Worker =>
  new Worker(new URL('./reading-worker.ts', import.meta.url), { type: 'module', name: 'reader' });
