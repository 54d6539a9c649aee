// Losses and saliency: softmax cross-entropy, the relevance loss, and the map that it is laid on.

import { grad, relevanceLoss, saliencyMap, softmaxCrossEntropy } from '../../engine/index.ts';
import { bytesOf, type Case, input, labelInput, memo, sum3, unravel } from '../case.ts';

function crossEntropyCase(n: number, classes: number, quick: boolean): Case {
  const shape = [n, classes];
  return {
    suite: 'loss',
    name: `softmax cross-entropy N${n} ${classes} classes forward and grad`,
    flops: 8 * n * classes,
    bytes: bytesOf(shape, [n], shape, [n], shape),
    quick,
    setUp: (gpu) => {
      const logits = input(gpu, 'logits', shape);
      const labels = labelInput(gpu, n, classes);
      logits.tensor.requiresGrad = true;
      const total = memo((row) => sum3(1, 1, classes, (_, __, k) => Math.exp(logits.at(row, k))));
      return {
        run: () => grad(softmaxCrossEntropy(logits.tensor, labels.tensor), [logits.tensor])[0],
        inputs: [logits.tensor, labels.tensor],
        size: n * classes,
        expected: (i) => {
          const [row, k] = unravel(i, shape);
          return Math.exp(logits.values[i]) / total(row) - Number(labels.values[row] === k);
        },
      };
    },
  };
}

/** A mask in [0, 1]: what `input` makes, moved there. */
const toMask = (value: number): number => (value + 1) / 2;

function relevanceCase(n: number, side: number, quick: boolean): Case {
  const shape = [n, side, side];
  return {
    suite: 'loss',
    name: `relevance loss N${n} ${side}² forward and grad`,
    flops: 10 * n * side * side,
    bytes: bytesOf(shape, shape, [n], shape, shape, [n], shape),
    quick,
    setUp: (gpu) => {
      const s = input(gpu, 's', shape);
      const raw = input(gpu, 'mask', shape);
      raw.tensor.write(raw.values.map(toMask));
      s.tensor.requiresGrad = true;
      const m = (...index: number[]) => toMask(raw.at(...index));
      /** ΣS⁺, R and R* of an image. */
      const parts = memo((image) => {
        const over = (term: (row: number, column: number) => number) =>
          sum3(1, side, side, (_, row, column) => term(row, column));
        const positive = (row: number, column: number) => Math.max(s.at(image, row, column), 0);
        const total = over(positive);
        const share = over((i, j) => m(image, i, j) * positive(i, j)) / total;
        const target = over((i, j) => m(image, i, j) ** 2) / over((i, j) => m(image, i, j));
        return { total, share, target };
      });
      return {
        run: () => grad(relevanceLoss(s.tensor, raw.tensor), [s.tensor])[0],
        inputs: [s.tensor, raw.tensor],
        size: n * side * side,
        expected: (i) => {
          const [image, row, column] = unravel(i, shape);
          const { total, share, target } = parts(image);
          if (s.values[i] <= 0 || share >= target) return 0;
          return -(m(image, row, column) - share) / total;
        },
      };
    },
  };
}

function saliencyCase(
  method: 'gradcam' | 'hirescam',
  [n, k, side]: readonly [number, number, number],
  quick: boolean,
): Case {
  const shape = [n, k, side, side];
  const map = [n, side, side];
  return {
    suite: 'loss',
    name: `${method} N${n} ${k} ${side}²`,
    flops: (method === 'gradcam' ? 3 : 2) * n * k * side * side,
    bytes: bytesOf(shape, shape, map),
    quick,
    setUp: (gpu) => {
      const [a, slope] = [input(gpu, 'activations', shape), input(gpu, 'gradient', shape)];
      const alpha = memo(
        (i) =>
          sum3(1, side, side, (_, row, column) => slope.at(Math.floor(i / k), i % k, row, column)) /
          side ** 2,
      );
      const weight = (image: number, channel: number, row: number, column: number) =>
        method === 'gradcam' ? alpha(image * k + channel) : slope.at(image, channel, row, column);
      return {
        run: () => saliencyMap(a.tensor, slope.tensor, { method, sign: 'abs' }),
        inputs: [a.tensor, slope.tensor],
        size: n * side * side,
        expected: (i) => {
          const [image, row, column] = unravel(i, map);
          const value = sum3(
            1,
            1,
            k,
            (_, __, c) => weight(image, c, row, column) * a.at(image, c, row, column),
          );
          return Math.abs(value);
        },
      };
    },
  };
}

export const lossCases: readonly Case[] = [
  crossEntropyCase(64, 10, true),
  crossEntropyCase(4096, 1000, false),
  relevanceCase(64, 28, true),
  relevanceCase(64, 224, false),
  saliencyCase('gradcam', [64, 16, 28], true),
  saliencyCase('hirescam', [64, 16, 28], false),
  saliencyCase('gradcam', [8, 64, 56], false),
];
