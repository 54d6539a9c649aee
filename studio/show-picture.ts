// Puts a picture on a canvas that shows nothing else.

/**
 * Shows a picture as it is. The canvas stays in memory: with a context of the usual kind, each of the many small
 * pictures would wait for the process of the GPU whenever it changes.
 *
 * @param canvas as large as the picture; null: nothing happens
 */
export function showPicture(canvas: HTMLCanvasElement | null, picture: ImageData): void {
  canvas?.getContext('2d', { willReadFrequently: true })?.putImageData(picture, 0, 0);
}
