// Loads data, trains without and with guidance, saves, loads, and explains. Give a data set of your own as an argument.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataDefaults, Evaluator, encodeModel, runExperiment, withChanges } from 'gfsr';
import { Gpu } from 'gfsr/engine';
import { createNodeDevice } from 'gfsr/engine/node';
import { loadDataset, loadModel, readAnnotations } from 'gfsr/node';

const { device, wait } = await createNodeDevice();
const gpu = new Gpu(device, { wait });

// A name, an .npz file, or a folder of images with a manifest.csv.
const [source = 'decoy-mnist', limit = '0'] = process.argv.slice(2);
const dataset = await loadDataset(source, { limit: Number(limit) });
const config = withChanges(dataDefaults(dataset), { data: { source } });
const { annotations, summary } = await readAnnotations(dataset, config);
console.log(`marks: ${summary}`);

const { arms } = await runExperiment(gpu, { dataset, config, annotations, onStage: console.log });
for (const [arm, { evaluation }] of Object.entries(arms)) {
  console.log(`${arm}: accuracy ${evaluation.test.accuracy.toFixed(3)}`);
}
if (!arms.guided) throw new Error('nothing is marked, so nothing was guided');

const file = join(mkdtempSync(join(tmpdir(), 'gfsr-')), 'guided.safetensors');
writeFileSync(file, encodeModel('guided', arms.guided, { dataset, config }));
const { classifier, stats, config: saved } = loadModel(gpu, file);

const evaluator = new Evaluator(gpu, classifier, stats);
const { maps, width } = await evaluator.explain(dataset.test, saved.saliency, [0]);
const peak = maps.indexOf(Math.max(...maps));
console.log(`${dataset.test.ids[0]}: row ${Math.floor(peak / width)}, column ${peak % width}`);
gpu.destroy();
