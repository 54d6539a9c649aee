// A bitmap font of capital letters and digits, 3 pixels wide and 5 high, for text tags.

const GLYPH_WIDTH = 3;
export const GLYPH_HEIGHT = 5;

/** Rows from top to bottom, three bits each. The highest bit is the left pixel. */
const GLYPHS: Readonly<Record<string, readonly number[]>> = {
  '0': [0b111, 0b101, 0b101, 0b101, 0b111],
  '1': [0b010, 0b110, 0b010, 0b010, 0b111],
  '2': [0b111, 0b001, 0b111, 0b100, 0b111],
  '3': [0b111, 0b001, 0b111, 0b001, 0b111],
  '4': [0b101, 0b101, 0b111, 0b001, 0b001],
  '5': [0b111, 0b100, 0b111, 0b001, 0b111],
  '6': [0b111, 0b100, 0b111, 0b101, 0b111],
  '7': [0b111, 0b001, 0b010, 0b010, 0b010],
  '8': [0b111, 0b101, 0b111, 0b101, 0b111],
  '9': [0b111, 0b101, 0b111, 0b001, 0b111],
  A: [0b010, 0b101, 0b111, 0b101, 0b101],
  B: [0b110, 0b101, 0b110, 0b101, 0b110],
  C: [0b011, 0b100, 0b100, 0b100, 0b011],
  D: [0b110, 0b101, 0b101, 0b101, 0b110],
  E: [0b111, 0b100, 0b110, 0b100, 0b111],
  F: [0b111, 0b100, 0b110, 0b100, 0b100],
  G: [0b011, 0b100, 0b101, 0b101, 0b011],
  H: [0b101, 0b101, 0b111, 0b101, 0b101],
  I: [0b111, 0b010, 0b010, 0b010, 0b111],
  J: [0b001, 0b001, 0b001, 0b101, 0b010],
  K: [0b101, 0b101, 0b110, 0b101, 0b101],
  L: [0b100, 0b100, 0b100, 0b100, 0b111],
  M: [0b101, 0b111, 0b111, 0b101, 0b101],
  N: [0b110, 0b101, 0b101, 0b101, 0b101],
  O: [0b010, 0b101, 0b101, 0b101, 0b010],
  P: [0b110, 0b101, 0b110, 0b100, 0b100],
  Q: [0b010, 0b101, 0b101, 0b110, 0b011],
  R: [0b110, 0b101, 0b110, 0b101, 0b101],
  S: [0b011, 0b100, 0b010, 0b001, 0b110],
  T: [0b111, 0b010, 0b010, 0b010, 0b010],
  U: [0b101, 0b101, 0b101, 0b101, 0b111],
  V: [0b101, 0b101, 0b101, 0b101, 0b010],
  W: [0b101, 0b101, 0b111, 0b111, 0b101],
  X: [0b101, 0b101, 0b010, 0b101, 0b101],
  Y: [0b101, 0b101, 0b010, 0b010, 0b010],
  Z: [0b111, 0b001, 0b010, 0b100, 0b111],
};

/** Width of a text in pixels of the font, with an empty column between letters. */
export const textWidth = (text: string): number => text.length * (GLYPH_WIDTH + 1) - 1;

/**
 * Whether the pixel of a text at (row, column) is ink. There is none outside the text.
 *
 * @throws RangeError for a character that the font does not have
 */
export function isInk(text: string, row: number, column: number): boolean {
  if (row < 0 || row >= GLYPH_HEIGHT || column < 0 || column >= textWidth(text)) return false;
  const at = Math.floor(column / (GLYPH_WIDTH + 1));
  const within = column % (GLYPH_WIDTH + 1);
  const glyph = GLYPHS[text[at]];
  if (!glyph) {
    throw new RangeError(`isInk: no glyph, got "${text[at]}", expected a capital letter or digit.`);
  }
  return within < GLYPH_WIDTH && ((glyph[row] >> (GLYPH_WIDTH - 1 - within)) & 1) === 1;
}
