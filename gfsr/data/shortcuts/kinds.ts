// The shortcuts that can be planted. Each draws one of several variants, and the variant stands for a class [ours].
//
// They imitate projection markers and film edges of X-rays, rulers, hair, colour patches, pen marks and the dark rim of
// the dermatoscope in skin images (Rieger et al., ICML 2020; Bissoto et al., CVPRW 2020).

import type { Random } from '../../../engine/core/random.ts';
import type { ShortcutKind } from '../../config/data.ts';
import { BLACK, type Canvas, type Colour, type Point, WHITE } from './canvas.ts';
import { GLYPH_HEIGHT, textWidth } from './font.ts';

/** The look to draw, from 0 to `variants` − 1. */
interface Variant {
  readonly variant: number;
  readonly variants: number;
}

export interface Shortcut {
  /** For a person: what it looks like, and how the classes differ. */
  readonly help: string;
  /** The maximum number of distinguishable variants on an image whose shorter side is `side` pixels. */
  readonly most: (side: number) => number;
  /** Draws a variant at a place from `random`. It draws the same random numbers for every variant. */
  readonly draw: (canvas: Canvas, which: Variant, random: Random) => void;
}

const MARKERS = ['L', 'R', 'AP', 'PA', 'SUP', 'LAT', 'DEC', 'OBL', 'XTL', 'PED'];
const VIOLET: Colour = [72, 40, 140];
const DARK_HAIR: Colour = [48, 32, 26];
const LIGHT_HAIR: Colour = [206, 196, 184];

/** Uniform in ±amount. */
const jitter = (random: Random, amount: number) => (2 * random.uniform() - 1) * amount;

/** Number of steps of at least `least` pixels in a range, including both ends. */
const steps = (range: number, least: number) => Math.floor(range / least) + 1;

const text: Shortcut = {
  help: 'a tag of one to three letters in a corner; the letters are the class',
  most: () => 100,
  draw: (canvas, { variant, variants }, random) => {
    const { height, width, side } = canvas;
    const tag = variants <= MARKERS.length ? MARKERS[variant] : String(variant).padStart(2, '0');
    const scale = Math.max(1, Math.round(side / 40));
    const margin = Math.round(side * (0.03 + 0.04 * random.uniform()));
    const below = random.int(2) * (height - 2 * margin - GLYPH_HEIGHT * scale);
    const across = random.int(2) * (width - 2 * margin - textWidth(tag) * scale);
    const whole = (at: number) => Math.max(0, Math.round(at));
    canvas.text(tag, whole(margin + below), whole(margin + across), scale);
    canvas.paint(canvas.legible, 0.95);
  },
};

const border: Shortcut = {
  help: 'a frame around the image; its grey is the class',
  most: () => 26,
  draw: (canvas, { variant, variants }, random) => {
    const { height, width, side } = canvas;
    const thickness = Math.max(1, Math.round(side * (0.05 + 0.03 * random.uniform())));
    canvas.shape((y, x) => Math.min(y, x, height - y, width - x) - thickness);
    const grey = (255 * variant) / Math.max(1, variants - 1);
    canvas.paint([grey, grey, grey]);
  },
};

const ruler: Shortcut = {
  help: 'a scale along an edge; its direction and the distance of its ticks are the class',
  most: (side) => 2 * Math.max(1, Math.floor(side / 3 / unit(side)) - 1),
  draw: (canvas, { variant }, random) => {
    const { height, width, side } = canvas;
    const upright = variant % 2 === 1;
    const [length, depth] = upright ? [height, width] : [width, height];
    const far = random.int(2) === 1;
    const inset = side * (0.03 + 0.04 * random.uniform());
    const pitch = unit(side) * (2 + Math.floor(variant / 2));
    const start = (0.5 + random.uniform() * 0.5) * pitch;
    const thickness = Math.max(0.9, side / 110);
    const at = (along: number, inwards: number): Point => {
      const across = far ? depth - inset - inwards : inset + inwards;
      return upright ? [along, across] : [across, along];
    };
    canvas.line(at(0, 0), at(length, 0), thickness);
    for (let tick = 0, along = start; along < length; tick++, along += pitch) {
      const reach = tick % 5 === 0 ? 0.13 : 0.08;
      canvas.line(at(along, 0), at(along, side * reach), thickness);
    }
    canvas.paint(canvas.legible, 0.9);
  },
};

/** Difference in tick distance between two rulers, in pixels. */
function unit(side: number): number {
  return Math.max(1, side / 40);
}

const hair: Shortcut = {
  help: 'a few hairs across the image; their direction is the class',
  most: () => 12,
  draw: (canvas, { variant, variants }, random) => {
    const { height, width, side } = canvas;
    const lie = (Math.PI * variant) / variants;
    const hairs = 4 + random.int(4);
    for (let i = 0; i < hairs; i++) {
      const angle = lie + jitter(random, (0.3 * Math.PI) / variants);
      const [dy, dx] = [Math.sin(angle), Math.cos(angle)];
      const half = side * (0.3 + 0.45 * random.uniform());
      const y = height * (0.1 + 0.8 * random.uniform());
      const x = width * (0.1 + 0.8 * random.uniform());
      const bow = jitter(random, 0.3 * half);
      const thickness = Math.max(0.75, (side / 90) * (0.6 + 0.8 * random.uniform()));
      canvas.curve(
        [y - dy * half, x - dx * half],
        [y + dx * bow, x - dy * bow],
        [y + dy * half, x + dx * half],
        thickness,
      );
    }
    canvas.paint(canvas.isDark ? LIGHT_HAIR : DARK_HAIR, 0.85);
  },
};

const swatch: Shortcut = {
  help: 'a round patch cut off by a corner; its colour (its grey in grey images) is the class',
  most: () => 16,
  draw: (canvas, { variant, variants }, random) => {
    const { height, width, side } = canvas;
    const radius = side * (0.17 + 0.05 * random.uniform());
    const inset = radius * (0.35 + 0.3 * random.uniform());
    const y = random.int(2) === 1 ? height - inset : inset;
    const x = random.int(2) === 1 ? width - inset : inset;
    canvas.disc(y, x, radius);
    const grey = 250 - (220 * variant) / Math.max(1, variants - 1);
    canvas.paint(canvas.isGrey ? [grey, grey, grey] : hue(variant / variants));
  },
};

/** A printed colour: hue in [0, 1), with medium saturation. */
function hue(turn: number): Colour {
  const channel = (shift: number) => {
    const wave = Math.abs(((((turn + shift) % 1) + 1) % 1) - 0.5) * 6 - 1;
    return 60 + 160 * Math.min(1, Math.max(0, wave));
  };
  return [channel(0), channel(2 / 3), channel(1 / 3)];
}

const vignette: Shortcut = {
  help: 'the dark rim of a round lens; its radius is the class',
  most: (side) => steps(0.15 * side, 0.5),
  draw: (canvas, { variant, variants }, random) => {
    const { height, width, side } = canvas;
    const radius = side * (0.45 + (0.15 * variant) / Math.max(1, variants - 1));
    const y = height / 2 + jitter(random, 0.01 * side);
    const x = width / 2 + jitter(random, 0.01 * side);
    const blur = Math.max(1, side / 40);
    canvas.shape((v, u) => (radius - Math.hypot(v - y, u - x)) / blur);
    canvas.paint(BLACK);
  },
};

const ink: Shortcut = {
  help: 'pen dots in a ring; their number is the class',
  most: () => 12,
  draw: (canvas, { variant }, random) => {
    const { height, width, side } = canvas;
    const ring = side * (0.3 + 0.1 * random.uniform());
    const start = 2 * Math.PI * random.uniform();
    const size = Math.max(0.9, side * (0.028 + 0.012 * random.uniform()));
    const dots = variant + 1;
    for (let i = 0; i < dots; i++) {
      const angle = start + (2 * Math.PI * i) / dots;
      canvas.disc(height / 2 + ring * Math.sin(angle), width / 2 + ring * Math.cos(angle), size);
    }
    canvas.paint(canvas.isGrey ? canvas.contrast : canvas.isDark ? WHITE : VIOLET, 0.9);
  },
};

export const shortcuts: Readonly<Record<ShortcutKind, Shortcut>> = {
  ...{ text, border, ruler, hair, swatch, vignette, ink },
};
