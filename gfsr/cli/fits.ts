// Checks, before anything large is made, that a job's largest tensors fit into one buffer of the device.

import type { AdapterReport } from '../../engine/adapter.ts';
import type { Config } from '../config.ts';
import type { Dataset } from '../data/dataset.ts';
import { grouped } from './output.ts';

/** Elements of the first feature map of one image, and of the dense head's weight (0 where there is none). */
function largest(config: Config, { height, width }: Dataset): { map: number; head: number } {
  const { architecture, widths, hidden, head, stem, width: stage } = config;
  if (architecture === 'resnet18') {
    return { map: (stage * height * width) / (stem === 'large' ? 4 : 1), head: 0 };
  }
  const depth = widths[widths.length - 1];
  const side = Math.floor(height / 2 ** widths.length);
  return {
    map: widths[0] * height * width,
    head: head === 'dense' ? hidden * depth * side * side : 0,
  };
}

/** @throws RangeError that says what is too large for this device, and what to change */
export function checkFits({ limits }: AdapterReport, config: Config, dataset: Dataset): void {
  const limit = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  const { name, channels, height, width } = dataset;
  const { map, head } = largest(config, dataset);
  const image = Math.max(map, channels * height * width);
  const expect = (what: string, elements: number, fix: string) => {
    if (4 * elements <= limit) return;
    throw new RangeError(
      `${name}: ${what} of ${height}×${width} pixels needs ${grouped(4 * elements)} bytes in one buffer, ` +
        `this device allows ${grouped(limit)}. ${fix}`,
    );
  };
  expect('the feature map of one image', image, 'Shrink the images.');
  expect('the dense head for images', head, 'Shrink the images, or use --head pooled.');
  expect(
    `a batch of ${config.batchSize} images`,
    image * config.batchSize,
    `Use --batch-size ${Math.floor(limit / (4 * image))} or less.`,
  );
}
