// How far float32 on the device may lie from float64: one rule for every test that compares the two.

/**
 * Error allowed relative to the largest value, times √terms: 2⁻²⁴ per rounding, about ten roundings per value,
 * and WGSL's 3 + 2|x| units in the last place for exp and similar functions. Each order of derivative multiplies
 * by values near 1 and adds its own roundings. Roundings of a sum's terms are independent, so that their
 * total grows as the root of the number of terms.
 */
const TOLERANCE = [2e-6, 1e-5, 3e-5];

export type Order = 0 | 1 | 2;

/** The relative error allowed of a derivative of `order` whose longest sum has `terms` terms. */
export const tolerance = (order: Order, terms = 1): number => TOLERANCE[order] * Math.sqrt(terms);

/**
 * The same for random values near 1, where nothing is extreme: 16 roundings of 2⁻²⁴ per term, at any order;
 * √terms · 10⁻⁶. On lavapipe the worst of thousands of configurations takes an eighth of it.
 */
export const roundings = (terms: number): number => 16 * 2 ** -24 * Math.sqrt(terms);
