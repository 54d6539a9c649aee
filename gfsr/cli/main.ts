#!/usr/bin/env node
// The command line `gfsr`: one file per command in gfsr/cli/commands/.

import { ownVersion } from '../machine/provenance.ts';
import { runAsProcess } from '../terminal/program.ts';
import { annotate } from './commands/annotate.ts';
import { annotations } from './commands/annotations.ts';
import { cache } from './commands/cache.ts';
import { compare } from './commands/compare.ts';
import { convertAnnotations } from './commands/convert-annotations.ts';
import { data } from './commands/data.ts';
import { doctor } from './commands/doctor.ts';
import { evaluate } from './commands/evaluate.ts';
import { explain } from './commands/explain.ts';
import { exportModel } from './commands/export.ts';
import { gradcheck } from './commands/gradcheck.ts';
import { predict } from './commands/predict.ts';
import { queuePull, queuePush, queueStatus, queueWork } from './commands/queue.ts';
import { reproduce } from './commands/reproduce.ts';
import { slurmTask } from './commands/slurm-task.ts';
import { status } from './commands/status.ts';
import { sweep } from './commands/sweep.ts';
import { train } from './commands/train.ts';

await runAsProcess({
  name: 'gfsr',
  version: `gfsr/${ownVersion()} ${process.platform}-${process.arch} node-${process.version}`,
  commands: [
    train,
    compare,
    sweep,
    reproduce,
    queuePush,
    queueWork,
    queueStatus,
    queuePull,
    slurmTask,
    status,
    evaluate,
    explain,
    predict,
    exportModel,
    data,
    cache,
    annotate,
    annotations,
    convertAnnotations,
    gradcheck,
    doctor,
  ],
});
