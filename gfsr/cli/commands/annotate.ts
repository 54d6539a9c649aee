// `gfsr annotate`: serves the page on which a person marks training images, until Ctrl-C.

import { once } from 'node:events';
import { defaultConfig, withChanges } from '../../config/config.ts';
import { problemLines, summariseDataset } from '../../data/dataset-summary.ts';
import { datasetOf } from '../../data/load.ts';
import { findProblems } from '../../data/problems.ts';
import { MarkFile } from '../../serve/mark-file.ts';
import { serveMarkingPage } from '../../serve/marking-page.ts';
import { pageFolder } from '../../serve/page-folder.ts';
import { openTrainings } from '../../serve/training-host.ts';
import { defineCommand } from '../../terminal/command.ts';
import { grouped, row } from '../../text/lines.ts';
import { interruptible } from '../interrupt.ts';
import { READING, settingFlags } from '../setting-flags.ts';

export const annotate = defineCommand({
  name: 'annotate',
  help: 'mark training images in the browser; every mark is saved at once',
  arguments: { data: 'one' },
  flags: {
    annotations: {
      kind: 'text',
      value: 'path',
      usual: '<data>-marks.json',
      help: 'annotation file to begin or to continue, or marks of another program to begin with',
    },
    annotator: {
      kind: 'text',
      value: 'name',
      default: 'annotator 1',
      help: 'who marks: several people can mark into one file, one after the other',
    },
    port: {
      kind: 'integer',
      least: 0,
      most: 65_535,
      usual: 'one of its own for each file of marks',
      help: 'port on this machine; 0 = any that is free',
    },
    'train-here': {
      kind: 'boolean',
      help: "the page trains on the device of this machine instead of the browser's",
    },
    out: {
      kind: 'text',
      value: 'folder',
      usual: '<data>-run',
      help: 'with --train-here: folder of the run, which can also be one that was begun',
    },
    settings: settingFlags(READING),
  },
  examples: [
    'annotate scans.npz --annotations marks.json --annotator ann',
    'annotate photos --side 512 --fit pad',
    'annotate scans.npz --train-here --out runs/scans',
  ],
  async run(
    { data, annotations, annotator, port, settings, out: folder, 'train-here': isTrainedHere },
    out,
  ) {
    const page = pageFolder();
    const config = withChanges(defaultConfig, { data: { source: data } }, settings);
    const dataset = await datasetOf(config, (line) => out.say(line));
    const path = annotations ?? `${dataset.name}-marks.json`;
    const marks = await MarkFile.open(path, dataset, annotator);
    if (folder !== undefined && !isTrainedHere) {
      throw new RangeError(
        '--out: is the folder of the run of --train-here: give both, or neither.',
      );
    }
    const run = folder ?? `${dataset.name}-run`;
    const trainings = isTrainedHere
      ? await openTrainings(run, dataset, { data: config.data })
      : undefined;
    const server = await serveMarkingPage(
      {
        ...{ page, dataset, marks, settings: { data: config.data }, trainings },
        onUsed: (next) => out.say(`another browser: ${next}`),
        onFault: (error) => out.say(`the page asked for something that failed: ${error}`),
      },
      port,
    );
    for (const line of [...summariseDataset(dataset), ...problemLines(findProblems(dataset))])
      out.say(line);
    const already = marks.all().length;
    const marked = already > 0 ? `${grouped(already)} images marked, in ` : '';
    out.say(row('marks', `${marked}${marks.path}`));
    if (trainings) out.say(row('trains', `on this machine, into ${run}`));
    out.result(row('open', server.address));
    out.say('Ctrl-C ends the server. Every mark is saved as soon as it is made.');
    return interruptible(out, '', async (signal) => {
      if (!signal.aborted) await once(signal, 'abort');
      await server.close();
      await trainings?.close();
      out.say(`${grouped(marks.all().length)} images marked in ${marks.path}.`);
      return 0;
    });
  },
});
