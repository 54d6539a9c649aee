// Writes loops out before any compiler sees them, so that constants index arrays, which then stay in registers.

const HEAD = /@unroll for \(var (\w+) = 0u; \1 < ([\w *]+); \1\+\+\) \{/;

/**
 * WGSL with each `@unroll for (var i = 0u; i < N; i++) { … }` written out: N copies of the body, in each of which `i`
 * is a constant. N is a product of numbers and of `constants`, such as `OUTS * 4u`. A body must not `break` or
 * `continue`.
 *
 * An array that is indexed by anything else is kept in memory by some compilers: each access to it costs as much as
 * dozens of multiply-adds.
 *
 * @throws RangeError if N is not one
 */
export function unroll(wgsl: string, constants: Readonly<Record<string, number>>): string {
  const head = HEAD.exec(wgsl);
  if (!head) return wgsl;
  const [text, name, bound] = head;
  const begin = head.index + text.length;
  const end = closing(wgsl, begin);
  const body = unroll(wgsl.slice(begin, end), constants);
  const copies = Array.from(
    { length: turnsOf(bound, constants) },
    (_, i) => `{ const ${name} = ${i}u;${body}}`,
  );
  return `${wgsl.slice(0, head.index)}${copies.join('\n')}${unroll(wgsl.slice(end + 1), constants)}`;
}

/** Where the brace closes that was opened just before `from`. */
function closing(wgsl: string, from: number): number {
  let depth = 1;
  for (let at = from; at < wgsl.length; at++) {
    if (wgsl[at] === '{') depth++;
    else if (wgsl[at] === '}' && --depth === 0) return at;
  }
  throw new RangeError('unroll: the body of a loop has no end.');
}

function turnsOf(bound: string, constants: Readonly<Record<string, number>>): number {
  return bound.split('*').reduce((product, part) => {
    const factor = part.trim();
    const value = /^\d+u$/.test(factor) ? Number.parseInt(factor, 10) : constants[factor];
    if (value === undefined) {
      throw new RangeError(
        `unroll: ${factor} is no constant of the kernel, expected one or a number.`,
      );
    }
    return product * value;
  }, 1);
}
