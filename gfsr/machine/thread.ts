// Starts a file of this project as a thread, from its sources as well (Node only).

import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Runs a module in a thread.
 *
 * @param file its address, as `import.meta.url` of the module gives it
 */
export function startThread(file: string, options: WorkerOptions = {}): Worker {
  if (!file.endsWith('.ts')) return new Worker(new URL(file), options);
  // Threads of Node 20 do not have the loader of the process that starts them.
  const load = `import('tsx/esm/api').then(({ register }) => {
    register();
    return import(${JSON.stringify(file)});
  });`;
  return new Worker(load, { ...options, eval: true });
}
