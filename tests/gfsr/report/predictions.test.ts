// Files of predictions: a row per image of every split, saliency in the same order, and the masks of a guided run.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { channelStats } from '../../../gfsr/data/normalise.ts';
import { parseNpy } from '../../../gfsr/data/npy.ts';
import { joinBytes } from '../../../gfsr/files/join-bytes.ts';
import { pixelFile, predictionFiles } from '../../../gfsr/report/predictions.ts';
import { modelCard } from '../../../gfsr/store/export/model-card.ts';
import { encodeOnnx } from '../../../gfsr/store/export/onnx.ts';
import { decodeModel, encodeModel, restoreModel } from '../../../gfsr/store/model-file.ts';
import { parseCsv } from '../../../gfsr/text/csv.ts';
import { classifierFor } from '../../../gfsr/train/classifier.ts';
import { createClassifier } from '../../../model/architectures.ts';
import { testGpu } from '../../support/gpu.ts';
import { config, dataset } from './synthetic.ts';

const data = dataset(3);

test('every image of every split, and the masks of train', async () => {
  const gpu = await testGpu();
  const { weights, config: architecture } = createClassifier(
    gpu,
    classifierFor(config, data),
    'some',
  );
  const saved = { weights: await weights.state(), architecture, stats: channelStats(data) };
  const bytes = encodeModel('guided', saved, {
    ...{ dataset: data, config },
    madeWith: { gfsr: '9.8.7' },
  });
  const count = data.train.count;
  const masks = {
    ...{ masks: new Float32Array(count * 4).fill(0.5), weights: new Float32Array(count).fill(1) },
    ...{ height: 2, width: 2, annotated: 1, segments: 1, meanRelevance: 1 },
  };
  const files = await predictionFiles(gpu, restoreModel(gpu, decodeModel(bytes)), data, masks);
  const [header, ...rows] = parseCsv(files.get('predictions.csv') as string);
  assert.equal(header.fields.slice(0, 4), ['id', 'split', 'label', 'predicted']);
  const total = data.train.count + data.val.count + data.test.count;
  assert.is(rows.length, total);
  assert.equal(rows[0].fields.slice(0, 2), [data.train.ids[0], 'train']);
  for (const { fields } of rows) {
    const probabilities = fields.slice(4).map(Number);
    const most = probabilities.indexOf(Math.max(...probabilities));
    assert.is(fields[3], data.classes[most]);
    assert.ok(Math.abs(probabilities.reduce((sum, p) => sum + p, 0) - 1) < 1e-5);
  }
  const made = JSON.parse(files.get('predictions.json') as string);
  assert.equal(made.madeWith, { gfsr: '9.8.7' });
  assert.equal([made.arm, made.trainedOn, made.predicted.name], ['guided', data.name, data.name]);
  assert.match(made.predicted.sha256, /^[0-9a-f]{64}$/);
  const onnx = new TextDecoder('latin1').decode(encodeOnnx(decodeModel(bytes)));
  assert.ok(onnx.includes('{"gfsr":"9.8.7"}'), 'the exported model says what it was made with');
  const saliency = new TextDecoder('latin1').decode(files.get('saliency.npz') as Uint8Array);
  for (const name of ['ids.npy', 'split.npy', 'saliency.npy']) assert.ok(saliency.includes(name));
  const pixels = parseNpy(joinBytes([...pixelFile(data)]));
  assert.equal(pixels.shape, [data.test.count, data.channels, data.height, data.width]);
  assert.equal(pixels.data, data.test.images, 'what an export is checked with');
  assert.ok(files.has('masks.npz'));
  const without = await predictionFiles(gpu, restoreModel(gpu, decodeModel(bytes)), data);
  assert.not.ok(without.has('masks.npz'));
  const card = modelCard(decodeModel(bytes), {
    figures: [{ name: 'accuracy', value: 0.5 }],
    notes: ['A note.'],
  });
  assert.match(card, /\| accuracy \| 0\.5000 \| – \|.*Note on the data: A note\./s);
});

test.run();
