// Seeded random numbers from the counter-based generator Philox4x32-10. Each stream can be drawn without the others.

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
/** Separates the key that derives streams from the key that draws numbers. */
const SPLIT_TWEAK = 0x53504c54;

/** The high 32 bits of the 64-bit product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return aHigh * bHigh + (middle >>> 16) + (carry >>> 16);
}

/**
 * One block of Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 *
 * @param c0 c1 c2 c3 the 128-bit counter, lowest word first, each an integer taken modulo 2^32
 * @param k0 k1 the 64-bit key, lowest word first
 * @param out receives the four unsigned 32-bit results
 */
export function philox4x32(
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
  out: Uint32Array,
): void {
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + WEYL_0) | 0;
    k1 = (k1 + WEYL_1) | 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** A seed or stream name as two 32-bit words: an integer as it is, a string hashed by Philox. */
function toWords(value: number | string, what: string): [number, number] {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(
        `Random: bad ${what}, got ${value}, expected a whole number from 0 to 2^53 - 1 or a string.`,
      );
    }
    return [value >>> 0, Math.floor(value / 2 ** 32)];
  }
  if (typeof value !== 'string') {
    throw new TypeError(
      `Random: bad ${what}, got ${typeof value}, expected a whole number or a string.`,
    );
  }
  const state = new Uint32Array([value.length, 0, 0, 0]);
  for (let i = 0; i < value.length; i++) {
    philox4x32(state[0] ^ value.charCodeAt(i), state[1], state[2], state[3], 0, 0, state);
  }
  philox4x32(state[0], state[1], state[2], state[3], 1, 0, state);
  return [state[0], state[1]];
}

/**
 * A stream of random numbers that depends only on its seed and stream: the same on every machine. The seed is the key,
 * the stream the upper half of the counter, and the position the lower half.
 */
export class Random {
  #key: readonly [number, number];
  #stream: readonly [number, number];
  readonly #block = new Uint32Array(4);
  #nextBlock = 0;
  #used = 4;
  #spareNormal = Number.NaN;

  /**
   * @param seed whole number from 0 to 2^53 - 1, or any string
   * @param stream the same; the streams of one seed are independent of one another; default 0
   * @throws RangeError for a negative or fractional number
   */
  constructor(seed: number | string, stream: number | string = 0) {
    this.#key = toWords(seed, 'seed');
    this.#stream = toWords(stream, 'stream');
  }

  /** Key and stream, lower words first: what a kernel needs to draw the same numbers. */
  get words(): [number, number, number, number] {
    return [...this.#key, ...this.#stream];
  }

  /** An unsigned 32-bit integer. */
  uint32(): number {
    if (this.#used === 4) {
      const [k0, k1] = this.#key;
      const [s0, s1] = this.#stream;
      const n = this.#nextBlock++;
      philox4x32(n >>> 0, Math.floor(n / 2 ** 32), s0, s1, k0, k1, this.#block);
      this.#used = 0;
    }
    return this.#block[this.#used++];
  }

  /** A number in [0, 1), a multiple of 2^-32. */
  uniform(): number {
    return this.uint32() * 2 ** -32;
  }

  /**
   * A whole number in [0, n), all equally likely.
   *
   * @throws RangeError unless n is a whole number from 1 to 2^32
   */
  int(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32) {
      throw new RangeError(`Random.int: got n = ${n}, expected a whole number from 1 to 2^32.`);
    }
    // Words above the last whole multiple of n are drawn again, because low results would otherwise be likelier.
    const limit = 2 ** 32 - (2 ** 32 % n);
    let word = this.uint32();
    while (word >= limit) word = this.uint32();
    return word % n;
  }

  /** A standard normal number (Box-Muller; draws come in pairs). */
  normal(): number {
    if (!Number.isNaN(this.#spareNormal)) {
      const spare = this.#spareNormal;
      this.#spareNormal = Number.NaN;
      return spare;
    }
    // 1 - uniform lies in (0, 1], so the logarithm is finite.
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Fills with numbers in [low, high). Returns the same array. */
  fillUniform(array: Float32Array, low = 0, high = 1): Float32Array {
    const scale = (high - low) * 2 ** -24;
    const most = float32Below(high);
    for (let i = 0; i < array.length; i++) {
      // 24 bits fit a float32 exactly; 32 bits could round up to 1.
      array[i] = low + (this.uint32() >>> 8) * scale;
      if (array[i] >= high && low < high) array[i] = most; // the sum was rounded up
    }
    return array;
  }

  /** Fills with normal numbers of the given mean and standard deviation. Returns the same array. */
  fillNormal(array: Float32Array, mean = 0, std = 1): Float32Array {
    for (let i = 0; i < array.length; i++) array[i] = mean + std * this.normal();
    return array;
  }

  /** Shuffles in place (Fisher–Yates), with every order equally likely. Returns the same array. */
  shuffle<A extends { readonly length: number; [index: number]: unknown }>(array: A): A {
    const items: { [index: number]: unknown } = array;
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      const item = items[i];
      items[i] = items[j];
      items[j] = item;
    }
    return array;
  }

  /** The numbers 0 to n - 1 in random order. */
  permutation(n: number): Uint32Array {
    return this.shuffle(Uint32Array.from({ length: n }, (_, i) => i));
  }

  /**
   * A new independent generator named by `stream`. It depends on this generator's seed and stream, but not on how many
   * numbers were drawn, so adding a draw in one place changes nothing elsewhere.
   */
  split(stream: number | string): Random {
    const child = toWords(stream, 'stream');
    const [k0, k1] = this.#key;
    const [s0, s1] = this.#stream;
    const words = new Uint32Array(4);
    philox4x32(s0, s1, child[0], child[1], k0, k1 ^ SPLIT_TWEAK, words);
    const random = new Random(0);
    random.#key = this.#key;
    random.#stream = [words[0], words[1]];
    return random;
  }
}

/** The largest float32 below a number. */
function float32Below(x: number): number {
  const value = Float32Array.of(x);
  if (value[0] < x) return value[0];
  if (value[0] === 0) return -(2 ** -149);
  new Int32Array(value.buffer)[0] += value[0] > 0 ? -1 : 1;
  return value[0];
}
