// Every relevance loss on a map of four pixels, against values worked out by hand.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { reshape, slice, type Tensor } from '../../../engine/index.ts';
import {
  type RelevanceLossInputs,
  relevanceLosses,
  relevanceLossNamed,
} from '../../../gfsr/guidance/losses.ts';
import { testGpu } from '../../support/gpu.ts';

const gpu = await testGpu();

/** Ŝ is [1, ½, 0, ¼]. */
const S = [4, 2, 0, 1];
const M = [1, 0.5, 0, 0];

/** Logits of an image: its first and its last pixel. */
const ends = (image: Tensor): Tensor => {
  const flat = reshape(image, [1, image.size]);
  return slice(flat, [0, 0], [1, 2], [1, image.size - 1]);
};

async function value(
  name: string,
  { saliency = S, mask = M, image = [1, 2, 3, 4], channels = false, initialSaliency = S } = {},
): Promise<number> {
  const map = channels ? [1, 1, 2, 2] : [1, 2, 2];
  const x = gpu.tensor(image, [1, 1, 2, 2]);
  const inputs: RelevanceLossInputs = {
    saliency: gpu.tensor(saliency, map),
    mask: gpu.tensor(mask, map),
    logits: ends(x),
    labels: gpu.tensor([1], [1], 'u32'),
    image: x,
    initialSaliency: gpu.tensor(initialSaliency, [1, 2, 2]),
    forward: ends,
    decompose: (part, rest) => ({ part: ends(part), rest: ends(rest) }),
  };
  const [loss] = await relevanceLossNamed(name).loss(inputs).data();
  return loss;
}

const near = (got: number, expected: number, message = '') =>
  assert.ok(
    Math.abs(got - expected) < 2e-6 * Math.max(1, Math.abs(expected)),
    `${message}${got}, expected ${expected}`,
  );

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

// R = 5/7, R* = 1.25/1.5.
const EXPECTED: Readonly<Record<string, () => Promise<[number, number]>>> = {
  gfsr: async () => [await value('gfsr'), 1.25 / 1.5 - 5 / 7],
  energy: async () => [await value('energy'), 2 / 7],
  // (1 − M)·g = [0, −1, 3, ½]
  rrr: async () => [
    await value('rrr', { saliency: [5, -2, 3, 0.5], channels: true }),
    1 + 9 + 0.25,
  ],
  // (1 − M)·Ŝ = [0, ¼, 0, ¼]
  'rrr-g': async () => [await value('rrr-g'), 2 / 16],
  // Ŝ − M = [0, 0, 0, ¼]
  hint: async () => [await value('hint'), 1 / 16 / 4],
  gradia: async () => [await value('gradia'), 0.25 / 4],
  // Negative saliency counts as none: Ŝ⁺ − M = [0, −½, 0, ¼].
  l1: async () => [await value('l1', { saliency: [4, -2, 0, 1] }), 0.75 / 4],
  ppce: async () => [await value('ppce'), (-0.5 * Math.log(0.501 / 1.001)) / 1.5],
  // T = σ(30(Ŝ − 0.6)) at the ends: σ(12) and σ(−10.5); logits are what is left of 1 and 4.
  gain: async () => {
    const [a, b] = [1 - sigmoid(12), 4 * (1 - sigmoid(-10.5))];
    return [await value('gain'), sigmoid(b - a) + 1 / 64];
  },
  // F = [1, 0, −1, −1]; σ = 2/28 leaves the positive pixel as it is: Ŝ − h = [0, ½, 0, ¼]. Within the slack η.
  res: async () => [await value('res'), 0.75 / 4],
  // Before, 5/7 of the saliency lay on the mask: yes. (0·1 + ½·½ + 1·0 + ¾·¼) / 2.25 with S as it was.
  crayon: async () => [await value('crayon'), 0.4375 / 2.25],
  // |g| = [5, 2, 3, ½], 1 − M = [0, ½, 1, 1]
  r2r: async () => [
    await value('r2r', { saliency: [5, -2, 3, 0.5], channels: true }),
    4.5 / Math.sqrt(38.25 * 2.25),
  ],
  // q = [⅔, ⅓], p = (Ŝ + 0.001)/1.754
  kl: async () => [
    await value('kl'),
    (2 / 3) * Math.log(2 / 3 / (1.001 / 1.754)) + (1 / 3) * Math.log(1 / 3 / (0.501 / 1.754)),
  ],
  // (1 − M)·x = [0, 1, 3, 4] has the logits [0, 4], the rest [1, 1, 0, 0] has [1, 0].
  cdep: async () => [await value('cdep'), (sigmoid(-1) + sigmoid(4)) / 2],
  // The two pixels of largest gradient are kept, so the last one is erased: logits [1, 4] become [1, 0].
  'saliency-guided': async () => {
    const [p, q] = [sigmoid(3), sigmoid(-1)];
    return [
      await value('saliency-guided'),
      p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q)),
    ];
  },
  // Alone in its batch, an image is its own counterexample.
  caipi: async () => [await value('caipi'), Math.log(1 + Math.exp(1 - 4))],
};

for (const name of Object.keys(relevanceLosses)) {
  test(`${name} has the value of its formula`, async () => {
    const [got, expected] = await EXPECTED[name]();
    near(got, expected);
  });
}

test('crayon shuns a map that the mask says no to', async () => {
  // Σ M·Ŝ₀ / Σ Ŝ₀ = 2/7: no. Σ Ŝ·Ŝ₀ / Σ Ŝ₀ = (1 + ¼ + 1/16) / 1.75
  near(await value('crayon', { mask: [0, 1, 0, 0] }), 1.3125 / 1.75);
});

test('ppce, kl and res say nothing about an empty mask but how much saliency there is', async () => {
  const mask = [0, 0, 0, 0];
  near(await value('ppce', { mask }), 0);
  near(await value('kl', { mask }), 0);
  // F = −1 everywhere, h(F) = 0.
  const miss = [2.5, 0, -2.5, -1.25].reduce((sum, x) => sum + Math.tanh(x) + 1, 0);
  near(await value('res', { mask }), 1.75 / 4 + miss / 4 - 0.1);
});

/** The counterexamples that `caipi` makes of two images, and their losses. */
async function counterexamples(mask: number[]) {
  const x = gpu.tensor([1, 2, 3, 4, 10, 20, 30, 40], [2, 1, 2, 2]);
  let seen: Tensor | undefined;
  const loss = relevanceLossNamed('caipi').loss({
    saliency: x,
    mask: gpu.tensor(mask, [2, 2, 2]),
    logits: gpu.tensor([0, 0, 0, 0], [2, 2]),
    labels: gpu.tensor([1, 0], [2], 'u32'),
    image: x,
    forward: (image) => {
      seen = image;
      return slice(reshape(image, [2, 4]), [0, 0], [2, 2], [1, 1]);
    },
    decompose: (part, rest) => ({ part, rest }),
  });
  return { mixed: [...(await (seen as Tensor).data())], losses: await loss.data() };
}

const nearPixels = (mixed: readonly number[], expected: readonly number[]) => {
  for (const [i, pixel] of mixed.entries()) {
    assert.ok(Math.abs(pixel - expected[i]) < 0.05, `pixel ${i}: ${pixel}`);
  }
};

test('caipi replaces what is irrelevant in either of two images by the other image', async () => {
  // Of the pixels [a, b, c, d], the first image loses c and d to its own mask, and a to that of the second.
  const { mixed, losses } = await counterexamples([1, 1, 0, 0.5, 0.5, 1, 1, 1]);
  nearPixels(mixed, [10, 2, 30, 40, 1, 20, 3, 4]);
  const [first, second] = losses;
  near(first, Math.log(1 + Math.exp(mixed[0] - mixed[1])));
  near(second, Math.log(1 + Math.exp(mixed[5] - mixed[4])));
});

test('caipi keeps what matters in an image beside one that is not guided, whose mask is empty', async () => {
  nearPixels((await counterexamples([0, 1, 1, 1, 0, 0, 0, 0])).mixed.slice(0, 4), [10, 2, 3, 4]);
});

test.after(() => gpu.destroy());
test.run();
