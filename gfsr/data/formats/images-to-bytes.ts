// Reduces the images of one file to 8 bits, under one window where they do not bring their own.

import type { Image } from '../../image/png.ts';
import { applyWindow, findWindow, type WindowRule } from '../../image/window.ts';
import type { DeepImage } from './format.ts';

/**
 * 8-bit images, in order.
 *
 * An image that knows its window is shown under it. The others of a file share one that `rule` finds, so that slices
 * of a volume stay comparable.
 */
export function imagesToBytes(images: readonly DeepImage[], rule: WindowRule): Image[] {
  const open = images.filter(({ window }) => !window);
  const shared =
    open.length > 0
      ? findWindow(
          open.map(({ values }) => values),
          rule,
        )
      : undefined;
  return images.map(({ width, height, channels, values, window = shared, inverted }) => {
    const { black, white } = window as NonNullable<typeof window>;
    const turned = inverted ? { black: white, white: black } : { black, white };
    const plain = values instanceof Uint8Array && turned.black === 0 && turned.white === 255;
    return { width, height, channels, data: plain ? values : applyWindow(values, turned) };
  });
}
