// A summary of a classifier as text: weights, feature maps, and their numbers of elements.

import { formatShape, type Shape, type Tensor } from '../engine/core/tensor.ts';
import type { Classifier } from './classifier.ts';

/**
 * A table of layers with the shapes of their weights, the number of their parameters, and the shapes of the feature
 * maps of one image. Nothing is computed for it.
 *
 * @example console.log(summary(classifier))
 */
export function summary(classifier: Classifier): string {
  const { shape, weights, layers } = classifier;
  const { channels, size, classes } = shape;
  const { gpu } = weights;
  const { features, logits } = gpu.trace(() =>
    classifier.forward(gpu.zeros([1, channels, size, size]), { training: false }),
  );
  const buffers = [...weights.buffers.values()].reduce((sum, { size: n }) => sum + n, 0);
  const each = (of: Shape) => formatShape(of.slice(1));
  const rows = [
    ['layer', 'weights', 'parameters'],
    ...byLayer(weights.parameters),
    ['', '', ''],
    ['feature map', 'of one image', ''],
    ['x', formatShape([channels, size, size]), ''],
    ...layers.map((name) => [name, each(features[name].shape), '']),
    ['logits', each(logits.shape), ''],
  ];
  const total = `${grouped(weights.size)} parameters, ${grouped(buffers)} running statistics, ${classes} classes`;
  return `${columns(rows)}\n\n${total}`;
}

/** A row per layer: names of weights are `<layer>.<weight>`. */
function byLayer(parameters: ReadonlyMap<string, Tensor>): string[][] {
  const layers = new Map<string, Tensor[]>();
  for (const [name, tensor] of parameters) {
    const layer = name.slice(0, Math.max(0, name.lastIndexOf('.'))) || name;
    layers.set(layer, [...(layers.get(layer) ?? []), tensor]);
  }
  return [...layers].map(([layer, tensors]) => [
    layer,
    tensors.map(({ shape }) => formatShape(shape)).join(' '),
    grouped(tensors.reduce((sum, { size }) => sum + size, 0)),
  ]);
}

const grouped = (n: number): string => n.toLocaleString('en-US');

/** Text to the left, the last column to the right. */
function columns(rows: readonly string[][]): string {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  const cell = (text: string, i: number) =>
    i === widths.length - 1 ? text.padStart(widths[i]) : text.padEnd(widths[i]);
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}
