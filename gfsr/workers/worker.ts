// A worker process: runs one trial after another, as the process that started it says, and ends with it.

import { fileURLToPath } from 'node:url';
import { Gpu } from '../../engine/core/gpu.ts';
import { createNodeDevice } from '../../engine/node.ts';
import { reopen } from '../compare/reopen.ts';
import { isOfTrial } from '../compare/run-trials.ts';
import { findTrial, runSingleTrial } from '../compare/single-trial.ts';
import { TrialFiles } from '../compare/trial-files.ts';
import { formatTrialRecord } from '../compare/trial-record.ts';
import { type News, type Order, parseOrder } from './messages.ts';

/** The file to start as a process. */
export const WORKER = fileURLToPath(import.meta.url);
/** Milliseconds between two reports of steps. */
const STEP_MS = 200;

if (process.argv[1] === WORKER) serve();

function serve(): void {
  // Ctrl-C reaches all processes of a terminal, but the one that started us decides.
  for (const name of ['SIGINT', 'SIGHUP'] as const) process.on(name, () => {});
  // Nothing is lost: every file is written as a whole, and in one go.
  process.on('disconnect', () => process.exit(1));
  let work: Promise<(key: string) => Promise<News>>;
  const obey = async (order: Order): Promise<News> => {
    if (order.kind === 'open') {
      work = open(order);
      await work;
      return { kind: 'ready' };
    }
    return (await work)(order.key);
  };
  process.on('message', (message) => {
    obey(parseOrder(message)).then(tell, (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exit(1);
    });
  });
}

/** Opens the comparison and the device, once for all trials. */
async function open({
  origin,
  folder,
}: Extract<Order, { kind: 'open' }>): Promise<(key: string) => Promise<News>> {
  const comparison = await reopen(origin);
  const files = new TrialFiles(folder);
  const { device, wait, memory, info: adapter } = await createNodeDevice();
  const gpu = new Gpu(device, { wait, memory });
  return async (key) => {
    let told = 0;
    const hooks = {
      onWarmStart: () => tell({ kind: 'warm' }),
      onStep: ({ step, total }: { readonly step: number; readonly total: number }) => {
        if (performance.now() - told < STEP_MS) return;
        told = performance.now();
        tell({ kind: 'step', step, total });
      },
    };
    try {
      const trial = findTrial(comparison, key);
      const record = await runSingleTrial(trial, comparison, { gpu, adapter, files, hooks });
      return { kind: 'finished', text: formatTrialRecord(record) };
    } catch (error) {
      if (!isOfTrial(error)) throw error;
      return { kind: 'broken', message: error.message };
    }
  };
}

function tell(news: News): void {
  if (process.connected) process.send?.(news);
}
