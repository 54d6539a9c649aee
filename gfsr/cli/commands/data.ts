// `gfsr data`: describes a data set, draws a sheet with a few training images of each class, writes its manifest.

import { dirname } from 'node:path';
import { AnnotationFiles } from '../../annotation/annotation-files.ts';
import { countChanged } from '../../annotation/classes.ts';
import { defaultConfig, withChanges } from '../../config/config.ts';
import { SETTINGS, settingValue } from '../../config/settings.ts';
import { contactSheet } from '../../data/contact-sheet.ts';
import type { Dataset } from '../../data/dataset.ts';
import { describeDataset, problemLines } from '../../data/dataset-summary.ts';
import { dataDefaults } from '../../data/defaults.ts';
import { datasetOf, loadManifest } from '../../data/load.ts';
import { formatManifest, rowsAsRead } from '../../data/manifest.ts';
import { findProblems, refuseProblems } from '../../data/problems.ts';
import { writeAtomically } from '../../files/atomic-file.ts';
import { makeWritableFolder } from '../../files/make-folder.ts';
import { encodePng } from '../../image/png-encode.ts';
import { defineCommand } from '../../terminal/command.ts';
import { grouped } from '../../text/lines.ts';
import { READING, settingFlags } from '../setting-flags.ts';
import { strict } from '../shared-flags.ts';

export const data = defineCommand({
  name: 'data',
  help: 'describe a data set: decoy-mnist (or -cdep, -anywhere, -clean), a MedMNIST .npz file, or a folder of images',
  arguments: { name: 'one' },
  flags: {
    png: { kind: 'text', value: 'file.png', help: 'draw a few training images of each class' },
    manifest: {
      kind: 'text',
      value: 'file.csv',
      help: 'write the manifest of a folder, with the classes that --annotations correct',
    },
    strict,
    settings: settingFlags([
      ...READING,
      'data.folds',
      'data.maskRule',
      'data.shortcut',
      'data.shortcutStrength',
      'train.seed',
      'annotation.source',
    ]),
  },
  examples: [
    'data pneumoniamnist_28.npz --shortcut hair --png sheet.png',
    'data photos --annotations marks.json --manifest manifest.csv',
  ],
  async run({ name, png, manifest, strict, settings }, out) {
    for (const path of [png, manifest]) if (path !== undefined) makeWritableFolder(dirname(path));
    const rows = manifest === undefined ? [] : await loadManifest(name);
    const config = withChanges(defaultConfig, { data: { source: name } }, settings);
    const read = await datasetOf(config, (line) => out.say(line));
    const marks = await AnnotationFiles.named(config.annotation.source);
    const dataset = marks ? await marks.correct(read) : read;
    for (const line of describeDataset(dataset)) out.result(line);
    const problems = findProblems(dataset);
    if (problems.length > 0) out.result();
    for (const line of problemLines(problems)) out.result(line);
    if (strict) refuseProblems(dataset, problems);
    const changed = changedDefaults(dataset);
    if (changed) out.result(`\nfor this data, train uses by default ${changed}`);
    if (png !== undefined) {
      writeAtomically(png, encodePng(contactSheet(dataset)));
      out.result(`\nwrote ${png}: one row per class`);
    }
    if (manifest !== undefined) {
      writeAtomically(manifest, formatManifest(rowsAsRead(rows, dataset)));
      const corrected = countChanged(read.train.labels, dataset.train.labels);
      out.result(`\nwrote ${manifest}, classes corrected: ${grouped(corrected)}`);
    }
    return 0;
  },
});

/** The flags whose defaults for this data differ from those that `--help` shows. */
function changedDefaults(dataset: Dataset): string {
  const defaults = dataDefaults(dataset);
  return SETTINGS.filter(
    (setting) =>
      String(settingValue(defaults, setting)) !== String(settingValue(defaultConfig, setting)),
  )
    .map((setting) => `--${setting.flag} ${settingValue(defaults, setting)}`)
    .join(' ');
}
