// `gfsr status`: how far the trials of a folder are that was given to a cluster.

import { finishedTrials } from '../../compare/trial-files.ts';
import { readTrialList, submittedFor, tasksOf } from '../../queue/slurm.ts';
import { defineCommand } from '../../terminal/command.ts';
import { row } from '../../text/lines.ts';

export const status = defineCommand({
  name: 'status',
  help: 'how many trials that compare --slurm submitted are finished, run and wait',
  arguments: { folder: 'one' },
  flags: {},
  examples: ['status runs/lab'],
  async run({ folder }, out) {
    const { jobs, lists } = submittedFor(folder);
    if (jobs.length === 0) {
      throw new RangeError(`${folder}: compare --slurm has submitted nothing from here.`);
    }
    const finished = finishedTrials(folder);
    const keys = lists.flatMap((list) => readTrialList(list).keys);
    const missing = keys.filter((key) => !finished.has(key)).length;
    const states = tasksOf(folder);
    const count = (state: string) => states.filter((each) => each === state).length;
    const others = states.length - count('RUNNING') - count('PENDING');
    const rest = others > 0 ? `, ${others} ending` : '';
    out.result(
      row(
        'job',
        `${jobs.join(', ')}: ${count('RUNNING')} running, ${count('PENDING')} waiting${rest}`,
      ),
    );
    out.result(row('trials', `${keys.length - missing} of ${keys.length} submitted are finished`));
    return missing > 0 && states.length === 0 ? 1 : 0;
  },
});
