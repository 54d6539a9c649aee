// `gfsr train`: trains both arms with live progress, and writes a run folder with results and report.

import type { AdapterReport } from '../../../engine/core/adapter.ts';
import type { Gpu } from '../../../engine/core/gpu.ts';
import { availableMemory } from '../../../engine/node.ts';
import { withChanges } from '../../config/config.ts';
import { isLossFile } from '../../config/guidance.ts';
import { parseConfigFile } from '../../config/parse.ts';
import { withoutFolders } from '../../config/portable.ts';
import { problemLines, summariseDataset } from '../../data/dataset-summary.ts';
import { findProblems, refuseProblems } from '../../data/problems.ts';
import { readText } from '../../files/read-file.ts';
import { requireRightLoss } from '../../guidance/derivative-check.ts';
import { acrossDeviceLosses, MOST_LOSSES } from '../../job/device-loss.ts';
import { checkFits, checkModel } from '../../job/fits.ts';
import { type Job, prepareJob, resumeJob } from '../../job/job.ts';
import { describeRecipe, describeStart } from '../../job/recipe.ts';
import { type FinishedJob, runJob } from '../../job/run-job.ts';
import { checkSettings, doubtsAbout } from '../../job/settings-fit.ts';
import { useTuning } from '../../job/tuning.ts';
import { describeFindings } from '../../report/findings.ts';
import { resumeCommand } from '../../store/run-folder.ts';
import { defineCommand } from '../../terminal/command.ts';
import { type Flags, type FlagValues, kebabCase } from '../../terminal/flag.ts';
import type { Output } from '../../terminal/output.ts';
import { row } from '../../text/lines.ts';
import { shellCommand } from '../../text/shell.ts';
import { DivergedError } from '../../train/train-hooks.ts';
import { sayLeftOut, sayLosses } from '../comparison-progress.ts';
import { findAdapter, withGpu } from '../device.ts';
import { interruptible } from '../interrupt.ts';
import { progressHooks } from '../progress.ts';
import { flagsOf, settingFlags } from '../setting-flags.ts';
import { quiet, strict } from '../shared-flags.ts';

const flags = {
  config: { kind: 'text', value: 'file.json', help: 'settings as JSON; flags override them' },
  out: { kind: 'text', value: 'folder', help: 'folder for the run', usual: 'runs/<data>-<time>' },
  resume: { kind: 'text', value: 'folder', help: 'continue a run that was stopped' },
  tune: {
    kind: 'boolean',
    help: 'first find the fastest kernels for this adapter; later runs reuse them',
  },
  detectAnomaly: {
    kind: 'boolean',
    help: 'name the op where a NaN or infinity first appears; slower',
  },
  uncertainty: {
    kind: 'boolean',
    help: 'add temperature scaling and conformal prediction sets to the report',
  },
  faithfulness: {
    kind: 'boolean',
    help: 'add insertion, deletion, ROAD and parameter randomisation to the report',
  },
  strict,
  quiet,
  settings: settingFlags(),
} as const satisfies Flags;

export const train = defineCommand({
  name: 'train',
  help: 'train with and without guidance from the same start, and compare both (default job: Decoy-MNIST)',
  flags,
  examples: [
    'train',
    'train --data pneumoniamnist_28.npz --annotations marks.json --out runs/pneumonia',
  ],
  async run(options, out) {
    const job = await openJob(options, (line) => out.say(line));
    const { config, dataset, loss } = job;
    const guided = job.annotations.size > 0;
    const use = { guided, spread: guided };
    checkSettings(config, dataset, use);
    const problems = findProblems(dataset);
    if (options.strict) refuseProblems(dataset, problems);
    for (const line of [...summariseDataset(dataset), ...problemLines(problems)]) out.say(line);
    sayLeftOut(out, config.train.batchSize, dataset);
    out.say(row('annotations', job.summary));
    for (const line of describeStart(config, job.pretrained)) out.say(line);
    if (job.annotations.size > 0) {
      for (const line of describeRecipe(config, loss, dataset)) out.say(line);
    }
    for (const doubt of doubtsAbout(config, use)) out.result(row('WARNING', doubt));
    const adapter = await findAdapter(out);
    checkFits(adapter, config, dataset, availableMemory());
    return acrossDeviceLosses(
      job,
      (current, stored) =>
        withGpu((gpu) => trainOn(gpu, { job: current, adapter, stored }, options, out)),
      (losses, { message }) =>
        out.result(
          row('WARNING', `${message} Going on with a new device (${losses} of ${MOST_LOSSES}).`),
        ),
    );
  },
});

/** Flags of a session that the run does not keep. A resumed one needs them again. */
const SESSION_FLAGS = ['tune', 'detectAnomaly', 'uncertainty', 'faithfulness'] as const;
type SessionFlags = Pick<FlagValues<typeof flags>, (typeof SESSION_FLAGS)[number]>;

/** One session of a run, on one device. */
interface Session {
  readonly job: Job;
  readonly adapter: AdapterReport;
  readonly stored: (takeUp: () => Promise<Job>) => void;
}

async function trainOn(
  gpu: Gpu,
  { job, adapter, stored }: Session,
  options: FlagValues<typeof flags>,
  out: Output,
): Promise<number> {
  const { config, dataset, loss, annotations, pretrained } = job;
  const { tune, detectAnomaly, uncertainty, faithfulness } = options;
  const path = config.guidance.loss;
  // First: a loss that never returns is found within seconds here, but not while a step is recorded.
  if (isLossFile(path)) {
    sayLosses(out, [{ loss, ...(await requireRightLoss(gpu, path, loss)) }]);
  }
  checkModel(gpu, { config, dataset, pretrained, ...(annotations.size > 0 && { loss }) });
  const folder = job.open(adapter, {
    command: commandLine(process.argv.slice(2)),
    warn: (line) => out.result(row('WARNING', line)),
  });
  const moved = config.data.source === folder.config.data.source ? undefined : config.data.source;
  stored(() => {
    folder.close();
    return resumeJob(folder.path, undefined, moved);
  });
  const again = (given: SessionFlags): string =>
    resumeCommand(
      folder.path,
      ...(moved === undefined ? [] : ['--data', moved]),
      ...SESSION_FLAGS.flatMap((name) => (given[name] ? [`--${kebabCase(name)}`] : [])),
    );
  out.say(row('run', folder.path));
  useTuning(gpu, adapter, folder, tune, (line) => out.status(`tuning ${line}`));
  return interruptible(
    out,
    `stopped and saved; continue with: ${again(options)}`,
    async (signal) => {
      const hooks = {
        ...progressHooks(out, config.train),
        ...{ signal, detectAnomaly },
        ...((uncertainty || faithfulness) && { trust: { uncertainty, faithfulness } }),
      };
      const finished = await runJob(gpu, job, folder, hooks).catch((error: unknown) => {
        if (!(error instanceof DivergedError)) throw error;
        throw new Error(
          `${error.message} To find the op: ${again({ ...options, detectAnomaly: true })}`,
        );
      });
      out.say();
      sayFindings(out, job, finished);
      return 0;
    },
  );
}

/** What was typed, without the folders of absolute paths. */
const commandLine = (args: readonly string[]): string =>
  shellCommand('gfsr', ...args.map((arg) => arg.split('=').map(withoutFolders).join('=')));

/** A new job, or a resumed one with its original settings. */
async function openJob(
  options: FlagValues<typeof flags>,
  say: (line: string) => void,
): Promise<Job> {
  const { settings, config: file, out: path, resume } = options;
  if (resume === undefined) {
    const fromFile = file === undefined ? {} : parseConfigFile(await readText(file), file);
    return prepareJob(withChanges(fromFile, settings), path, say);
  }
  const changed = flagsOf(settings).filter((flag) => flag !== 'data');
  const [extra] = [...changed, ...(file ? ['config'] : []), ...(path ? ['out'] : [])];
  if (extra !== undefined) {
    throw new RangeError(
      `--${extra}: a resumed run keeps its settings. Leave it out; --data may say where the data lies now.`,
    );
  }
  return resumeJob(resume, say, settings.data?.source);
}

function sayFindings(out: Output, { dataset }: Job, { result, report }: FinishedJob): void {
  const evaluations = Object.fromEntries(
    Object.entries(result.arms).map(([arm, { evaluation }]) => [arm, evaluation]),
  );
  for (const line of describeFindings(evaluations, dataset)) out.result(line);
  out.result();
  out.result(row('report', report));
}
