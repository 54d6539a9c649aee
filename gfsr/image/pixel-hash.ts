// A short name for the pixels of an image, to tell whether it is still the same one; the same in Node and browsers.

const [FIRST, SECOND] = [0x9e3779b1, 0x85ebca77];

/**
 * 64 bits of hash, as 16 hexadecimal digits, over shape and pixels. It finds images that were exchanged or copied, but
 * does not protect from somebody who makes two images with one hash.
 *
 * @param pixels [C, H, W], 0 to 255
 * @param shape [C, H, W]
 */
export function pixelHash(pixels: ArrayLike<number>, shape: readonly number[]): string {
  let [a, b] = [FIRST, SECOND];
  const take = (value: number) => {
    a = Math.imul(a ^ value, FIRST);
    a = (a << 13) | (a >>> 19);
    b = Math.imul(b ^ value, SECOND);
    b = (b << 17) | (b >>> 15);
  };
  for (const length of shape) take(length);
  for (let i = 0; i < pixels.length; i++) take(pixels[i]);
  return `${hex(mixed(a ^ (b >>> 11)))}${hex(mixed(b ^ (a << 7)))}`;
}

/** Every bit of the result depends on every bit of the word (MurmurHash3's last step). */
function mixed(word: number): number {
  let h = word ^ (word >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
