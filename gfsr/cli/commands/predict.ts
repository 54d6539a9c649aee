// `gfsr predict`: what a trained classifier says of every image, as CSV and numpy files.

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically, writePartsAtomically } from '../../files/atomic-file.ts';
import { makeWritableFolder } from '../../files/make-folder.ts';
import { pixelFile, predictionFiles } from '../../report/predictions.ts';
import { RunFolder } from '../../store/run-folder.ts';
import { preferGuided } from '../../store/trained.ts';
import { defineCommand } from '../../terminal/command.ts';
import { row } from '../../text/lines.ts';
import { findAdapter, withGpu } from '../device.ts';
import { dataTold, openTrained, otherData, weights } from '../shared-flags.ts';

/** The file that only a guided run has. */
const MASKS = 'masks.npz';

export const predict = defineCommand({
  name: 'predict',
  help: 'write predictions, saliency and masks of every image for your own plots',
  flags: {
    run: {
      kind: 'text',
      value: 'folder',
      help: 'a finished run; uses the guided classifier if there is one',
    },
    weights,
    data: otherData,
    out: { kind: 'text', value: 'folder', default: '.', help: 'folder for the files' },
  },
  examples: ['predict --run runs/pneumonia --out predictions'],
  async run(options, out) {
    const { run, data, out: folder } = options;
    makeWritableFolder(folder);
    await findAdapter(out);
    return withGpu(async (gpu) => {
      const trained = preferGuided(openTrained(gpu, options));
      const dataset = await dataTold(trained, data, out);
      const isOwn = run !== undefined && data === undefined;
      const supervision = isOwn ? await RunFolder.open(run).loadSupervision() : undefined;
      const files = await predictionFiles(gpu, trained, dataset, supervision?.masks);
      if (!files.has(MASKS) && existsSync(join(folder, 'predictions.json'))) {
        // They belong to earlier predictions, and would be taken for masks of these.
        rmSync(join(folder, MASKS), { force: true });
      }
      for (const [name, content] of files) {
        writeAtomically(join(folder, name), content);
        out.result(row('wrote', join(folder, name)));
      }
      writePartsAtomically(join(folder, 'pixels.npy'), pixelFile(dataset));
      out.result(row('wrote', join(folder, 'pixels.npy')));
      return 0;
    });
  },
});
