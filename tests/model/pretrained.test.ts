// Weights of torchvision: the same logits as PyTorch, a new head, and first filters for grey images.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { noGrad } from '../../engine/autodiff/tape.ts';
import { parseNpy } from '../../gfsr/data/npy.ts';
import { createClassifier } from '../../model/architectures.ts';
import { loadPretrained } from '../../model/pretrained.ts';
import { decodeSafetensors } from '../../model/safetensors.ts';
import { testGpu } from '../support/gpu.ts';
import { pythonWith } from '../support/others.ts';

const script = fileURLToPath(new URL('../../scripts/torch-to-safetensors.py', import.meta.url));
const python = pythonWith('torch', 'torchvision', 'numpy');
const ARCHITECTURES = ['resnet18', 'resnet34', 'mobilenet_v3_small'] as const;

for (const architecture of python ? ARCHITECTURES : []) {
  test(`${architecture} of torchvision gives the logits of PyTorch to 1e-4`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gfsr-torch-'));
    const code = `
import numpy, torch, torchvision
torch.manual_seed(0)
model = torchvision.models.${architecture}(weights=None, num_classes=10).eval()
for name, buffer in model.named_buffers():
    if name.endswith("running_mean"): buffer.uniform_(-0.3, 0.3)
    if name.endswith("running_var"): buffer.uniform_(0.5, 1.5)
x = torch.randn(2, 3, 64, 64)
head = list(model.modules())[-1]
with torch.no_grad(): head.weight.div_(model(x).std())  # logits of about 1
torch.save(model.state_dict(), "model.pth")
numpy.save("x.npy", x.numpy())
with torch.no_grad(): numpy.save("logits.npy", model(x).numpy())
`;
    for (const args of [
      ['-c', code],
      [script, 'model.pth', 'model.safetensors'],
    ]) {
      const { status, stderr } = spawnSync(python as string, args, {
        ...{ cwd: folder, encoding: 'utf8' },
      });
      assert.is(status, 0, stderr);
    }
    const read = (file: string) => readFileSync(join(folder, file));
    const { tensors, metadata } = decodeSafetensors(read('model.safetensors'));
    const [x, expected] = ['x.npy', 'logits.npy'].map(
      (file) => parseNpy(read(file)).data as Float32Array,
    );
    rmSync(folder, { recursive: true });
    assert.is(metadata.mean, '[0.485, 0.456, 0.406]');
    const gpu = await testGpu();
    const shape = { channels: 3, size: 64, classes: 10 };
    const classifier = createClassifier(gpu, { architecture, ...shape, stem: 'large' }, 'new');
    assert.equal(loadPretrained(classifier, tensors), []);
    const image = gpu.tensor(x, [2, 3, 64, 64]);
    const { logits } = noGrad(() => classifier.forward(image, { training: false }));
    const got = await logits.data();
    classifier.weights.dispose();
    const largest = got.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - expected[i])),
      0,
    );
    assert.ok(largest < 1e-4, `${largest}`);
    assert.ok(Math.max(...expected) - Math.min(...expected) > 0.1, 'logits that differ');
  });
}

const narrow = { architecture: 'resnet18', size: 32, stem: 'large', stageWidth: 4 } as const;

test('another number of classes has a new head, and grey images summed filters', async () => {
  const gpu = await testGpu();
  const source = createClassifier(gpu, { ...narrow, channels: 3, classes: 5 }, 'pretrained');
  const target = createClassifier(gpu, { ...narrow, channels: 1, classes: 2 }, 'new');
  const before = await target.weights.state();
  const given = await source.weights.state();
  const counters = { shape: [], data: BigInt64Array.of(7n) };
  const state = new Map<string, { shape: number[]; data: Float32Array | BigInt64Array }>(given);
  state.set('bn1.num_batches_tracked', counters);
  assert.equal(loadPretrained(target, state), ['fc.weight', 'fc.bias']);
  const after = await target.weights.state();
  assert.equal(after.get('fc.weight'), before.get('fc.weight'));
  assert.equal(after.get('layer4.1.conv2.weight'), given.get('layer4.1.conv2.weight'));
  const [sum, parts] = [after, given].map((each) => each.get('conv1.weight')?.data as Float32Array);
  assert.ok(Math.abs(sum[0] - (parts[0] + parts[49] + parts[98])) < 1e-6);
});

test('weights of another architecture are refused, and nothing changes', async () => {
  const gpu = await testGpu();
  const classifier = createClassifier(gpu, { ...narrow, channels: 3, classes: 2 }, 'new');
  const { weights } = classifier;
  const before = await weights.state();
  const state = new Map(before);
  for (const [change, message] of [
    [() => state.delete('bn1.weight'), /bn1\.weight is missing, expected \[4\]/],
    [
      () => state.set('layer9.weight', { shape: [1], data: Float32Array.of(1) }),
      /has layer9\.weight/,
    ],
  ] as const) {
    change();
    assert.throws(
      () => loadPretrained(classifier, state),
      (error: unknown) => error instanceof RangeError && message.test(error.message),
    );
  }
  assert.equal(await weights.state(), before);
});

test.run();
