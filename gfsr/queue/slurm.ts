// Array jobs of SLURM: one task per missing trial of a comparison's folder.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as v from 'valibot';
import { loaderFlags } from '../../engine/probe.ts';
import { parse } from '../compare/comparison-file.ts';
import type { ComparisonFolder } from '../compare/comparison-folder.ts';
import { type ComparisonOrigin, originSchema } from '../compare/origin.ts';
import { readTextSync } from '../files/read-file.ts';
import { parseJson, toJson } from '../text/json.ts';
import { shellCommand } from '../text/shell.ts';
import { cut, quoted } from '../text/visible.ts';

/** SLURM refuses larger arrays unless its administrator allows them. */
const LONGEST_ARRAY = 1000;
const SUBMITTED = 'slurm/submitted.json';

/** Where and how long the tasks may run, in SLURM's own words. */
export interface SlurmOptions {
  readonly partition?: string;
  readonly gres?: string;
  readonly time?: string;
}

const ALLOWED: Readonly<Record<keyof SlurmOptions, RegExp>> = {
  partition: /^[\w.,-]{1,200}$/,
  gres: /^[\w.,:=-]{1,200}$/,
  time: /^[\d:-]{1,30}$/,
};

const listSchema = v.object({
  format: v.literal('gfsr-trial-list'),
  version: v.literal(1),
  /** The folder for records and warm starts. */
  folder: v.string(),
  origin: originSchema,
  keys: v.array(v.string()),
});

/** Trials for the tasks of one array, by index. */
export type TrialList = v.InferOutput<typeof listSchema>;

/** @throws RangeError if the file is no such list */
export const readTrialList = (path: string): TrialList =>
  parse(listSchema, parseJson(readTextSync(path), path), path);

/**
 * Submits an array job for the trials. A task runs `command` with its list and index.
 *
 * @param main file of the command line
 * @returns IDs of the jobs
 * @throws RangeError for an option that is none of SLURM's, or if tasks of an earlier submission are still there;
 *   Error with what `sbatch` said
 */
export function submitTrials(
  folder: ComparisonFolder,
  origin: ComparisonOrigin,
  keys: readonly string[],
  main: string,
  options: SlurmOptions,
): string[] {
  const flags = Object.entries(ALLOWED).flatMap(([name, allowed]) => {
    const value = options[name as keyof SlurmOptions];
    if (value === undefined) return [];
    if (allowed.test(value)) return [`--${name}=${value}`];
    throw new RangeError(
      `--${name}: got ${quoted(value)}, expected a value of sbatch's --${name}.`,
    );
  });
  const before = tasksOf(folder.path);
  if (before.length > 0) {
    throw new RangeError(
      `${folder.path}: ${before.length} tasks of the job ${submittedFor(folder.path).jobs.join(', ')} are still there. Wait for them, or end them with scancel.`,
    );
  }
  const ids: string[] = [];
  const lists: string[] = [];
  for (let from = 0; from < keys.length; from += LONGEST_ARRAY) {
    const part = keys.slice(from, from + LONGEST_ARRAY);
    const about = { format: 'gfsr-trial-list', version: 1, folder: resolve(folder.path), origin };
    const list = folder.write(`slurm/trials-${from}.json`, toJson({ ...about, keys: part }));
    const script = folder.write(`slurm/task-${from}.sh`, taskScript(main, resolve(list)));
    const logs = join(resolve(folder.path), 'slurm', 'logs').replaceAll('%', '%%');
    folder.write('slurm/logs/.keep', '');
    const output = slurm('sbatch', [
      ...['--parsable', '--job-name=gfsr', `--array=0-${part.length - 1}`, '--requeue'],
      ...[`--chdir=${process.cwd()}`, `--output=${logs}/%A_%a.log`, ...flags, script],
    ]);
    ids.push(output.trim().split(';')[0]);
    lists.push(list);
    folder.write(SUBMITTED, toJson({ jobs: ids, lists }));
  }
  return ids;
}

/** The script of every task: fixed, except for the paths of this program and of its list. */
export function taskScript(main: string, list: string): string {
  const program = [process.execPath, ...loaderFlags(), main];
  const command = shellCommand(...program, 'slurm', 'task', '--list', list, '--index');
  return `#!/bin/sh\nexec ${command} "$SLURM_ARRAY_TASK_ID"\n`;
}

/** State of each task that still waits or runs, as `squeue` names it: PENDING, RUNNING, … */
export function tasksOf(folder: string): string[] {
  const { jobs } = submittedFor(folder);
  if (jobs.length === 0) return [];
  // A job that ended long ago is unknown, which is no error here.
  const { stdout, error } = spawnSync('squeue', ['-h', '-r', '-o', '%T', '-j', jobs.join(',')], {
    encoding: 'utf8',
  });
  if (error) throw notThere('squeue', error);
  return stdout.split('\n').filter((line) => line !== '');
}

const submittedSchema = v.object({
  jobs: v.array(v.pipe(v.string(), v.regex(/^\d+$/, 'a number'))),
  lists: v.array(v.string()),
});

/** The jobs that were submitted for a folder last, and their lists; empty if there were none. */
export function submittedFor(folder: string): v.InferOutput<typeof submittedSchema> {
  const file = join(folder, SUBMITTED);
  if (!existsSync(file)) return { jobs: [], lists: [] };
  return parse(submittedSchema, parseJson(readTextSync(file), file), file);
}

function slurm(program: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (error) throw notThere(program, error);
  if (status === 0) return stdout;
  throw new Error(`${program}: ${cut(stderr.trim().replaceAll('\n', ' '), 500)}`);
}

const notThere = (program: string, { message }: Error): Error =>
  new Error(
    `${program}: cannot be started (${message}). Run this on a machine of a SLURM cluster.`,
  );
