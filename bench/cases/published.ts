// Shapes that others publish figures for, and that take seconds on a processor.

import type { Case } from '../case.ts';
import { layer, layerCases } from './convolution.ts';
import { type Product, productCase } from './matmul.ts';

/** A software adapter measures this suite only if it is asked for by name. */
export const PUBLISHED = 'published';

/** Tokens of a batch of 8 images at 224 px in patches of 16, with one for the class. */
const TOKENS = 8 * 197;

/** Large squares, and the dense layers of a ViT-Base: queries, keys and values; projection; both of the MLP. */
const PRODUCTS: readonly Product[] = [
  { name: 'matmul 2048³ forward', sizes: [2048, 2048, 2048] },
  { name: 'matmul 4096³ forward', sizes: [4096, 4096, 4096] },
  { name: 'ViT-B N8 768→2304 forward', sizes: [TOKENS, 768, 2304], transposeB: true },
  { name: 'ViT-B N8 768→768 forward', sizes: [TOKENS, 768, 768], transposeB: true },
  { name: 'ViT-B N8 768→3072 forward', sizes: [TOKENS, 768, 3072], transposeB: true },
  { name: 'ViT-B N8 3072→768 forward', sizes: [TOKENS, 3072, 768], transposeB: true },
];

/** One large image, then the stages of a ResNet-18 at 224 px; its first is in the suite of convolutions. */
const LAYERS = [
  layer(1, [64, 128], 256, [3, 1]),
  layer(8, [64, 128], 56, [3, 2]),
  layer(8, [128, 128], 28, [3, 1]),
  layer(8, [128, 256], 28, [3, 2]),
  layer(8, [256, 256], 14, [3, 1]),
  layer(8, [256, 512], 14, [3, 2]),
  layer(8, [512, 512], 7, [3, 1]),
];

export const publishedCases: readonly Case[] = [
  ...PRODUCTS.map((product) => productCase(PUBLISHED, product)),
  ...LAYERS.flatMap((each) => layerCases(PUBLISHED, each)),
];
