// `gfsr slurm task`: runs one trial of a list, which is what each task of an array job does.

import { pathToFileURL } from 'node:url';
import { reopen } from '../../compare/reopen.ts';
import { findTrial } from '../../compare/single-trial.ts';
import { FolderStore } from '../../queue/folder-store.ts';
import { readTrialList } from '../../queue/slurm.ts';
import { runStoredTrial } from '../../queue/stored-trial.ts';
import { defineCommand } from '../../terminal/command.ts';
import { outcomeOf } from '../comparison-progress.ts';
import { findAdapter, withGpu } from '../device.ts';
import { interruptible } from '../interrupt.ts';
import { quiet } from '../shared-flags.ts';

export const slurmTask = defineCommand({
  name: 'slurm task',
  help: 'run one trial of a list that compare --slurm wrote; its array jobs do so',
  flags: {
    list: { kind: 'text', value: 'file.json', help: 'the list' },
    index: { kind: 'integer', least: 0, most: 1_000_000, help: 'which trial, from 0' },
    quiet,
  },
  examples: ['slurm task --list runs/lab/slurm/trials-0.json --index 3'],
  async run({ list: path, index }, out) {
    if (path === undefined || index === undefined) {
      throw new RangeError('slurm task: needs --list and --index.');
    }
    const { folder, origin, keys } = readTrialList(path);
    if (index >= keys.length) {
      throw new RangeError(`--index: got ${index}, expected less than ${keys.length}.`);
    }
    const store = new FolderStore(pathToFileURL(folder).href);
    if (await store.load(keys[index])) return 0;
    const adapter = await findAdapter(out);
    const comparison = await reopen(origin);
    const wanted = findTrial(comparison, keys[index]);
    const advice = 'stopped; gfsr compare --slurm submits the trial again.';
    return withGpu((gpu) =>
      interruptible(out, advice, async (signal) => {
        out.say(`trial ${wanted.condition.label}  seed ${wanted.seed} …`);
        const job = { gpu, adapter, hooks: { signal } };
        const record = await runStoredTrial(store, wanted, comparison, job);
        out.say(`  ${outcomeOf(record)}  ${record.seconds.toFixed(1)} s`);
        return 0;
      }),
    );
  },
});
