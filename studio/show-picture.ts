// Puts a picture on a canvas that shows nothing else.

/**
 * Shows a picture as it is, on a canvas that becomes as large. It stays in memory: with a context of the usual kind,
 * each of the many small pictures would wait for the process of the GPU whenever it changes.
 *
 * @param canvas null: nothing happens
 */
export function showPicture(canvas: HTMLCanvasElement | null, picture: ImageData): void {
  if (!canvas) return;
  const { height, width } = picture;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { height, width });
  canvas.getContext('2d', { willReadFrequently: true })?.putImageData(picture, 0, 0);
}
