// Draws digits, saliency maps and loss curves on 2D canvases.

const SIDE = 28;

/** From no to full heat, RGB. */
const RAMP = [
  [10, 7, 34],
  [87, 16, 110],
  [188, 55, 84],
  [249, 142, 9],
  [252, 255, 164],
];

function context(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const found = canvas.getContext('2d');
  if (!found) throw new Error('drawing: this browser has no 2D canvas.');
  return found;
}

/** A canvas of one digit [28, 28] of 0 to 255, one canvas pixel per image pixel. */
export function digitCanvas(label: string): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIDE;
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', label);
  return canvas;
}

/** The digit in grey, marked pixels in blue. */
export function drawDigit(canvas: HTMLCanvasElement, pixels: Uint8Array, marks?: Uint8Array): void {
  paint(canvas, (p) => (marks?.[p] ? [60, 150, 255] : [pixels[p], pixels[p], pixels[p]]));
}

/** The digit in grey under its saliency [height, width], scaled to its own highest value. */
export function drawMap(canvas: HTMLCanvasElement, pixels: Uint8Array, map: Float32Array): void {
  const side = Math.sqrt(map.length);
  const peak = map.reduce((most, v) => Math.max(most, v), 0) || 1;
  paint(canvas, (p) => {
    const [y, x] = [Math.floor(p / SIDE), p % SIDE].map((at) => Math.floor((at * side) / SIDE));
    const heat = map[y * side + x] / peak;
    const at = heat * (RAMP.length - 1);
    const from = Math.min(Math.floor(at), RAMP.length - 2);
    const cover = 0.35 + 0.45 * heat;
    return RAMP[from].map(
      (low, c) => pixels[p] * (1 - cover) + (low + (RAMP[from + 1][c] - low) * (at - from)) * cover,
    );
  });
}

function paint(canvas: HTMLCanvasElement, colour: (p: number) => number[]): void {
  const image = new ImageData(SIDE, SIDE);
  for (let p = 0; p < SIDE * SIDE; p++) image.data.set([...colour(p), 255], p * 4);
  context(canvas).putImageData(image, 0, 0);
}

export interface Curve {
  readonly color: string;
  /** Step and value. */
  readonly points: readonly (readonly [number, number])[];
}

/** Curves over steps on a logarithmic axis from 0.001 to 10. */
export function drawCurves(
  canvas: HTMLCanvasElement,
  curves: readonly Curve[],
  total: number,
): void {
  const draw = context(canvas);
  const { width, height } = canvas;
  const colour = (name: string) => {
    canvas.style.color = `var(${name})`; // computed, so that light and dark are settled
    return getComputedStyle(canvas).color;
  };
  draw.clearRect(0, 0, width, height);
  draw.font = '12px system-ui';
  const y = (v: number) => height * (1 - (Math.log10(Math.max(v, 1e-3)) + 3) / 4);
  for (const tick of [0.01, 0.1, 1]) {
    draw.strokeStyle = colour('--line');
    draw.fillStyle = colour('--soft');
    draw.beginPath();
    draw.moveTo(0, y(tick));
    draw.lineTo(width, y(tick));
    draw.stroke();
    draw.fillText(String(tick), 4, y(tick) - 4);
  }
  for (const { color, points } of curves) {
    draw.strokeStyle = colour(color);
    draw.lineWidth = 1.5;
    draw.beginPath();
    for (const [step, value] of points) draw.lineTo((width * step) / total, y(value));
    draw.stroke();
  }
}
