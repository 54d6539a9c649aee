// The findings of gradcheck in words: where values left the tape, and how that makes a derivative wrong.

import type { Pause } from '../core/tensor.ts';
import { formatShape } from '../core/tensor.ts';
import type { Derivative } from './gradcheck-verdict.ts';
import type { Op } from './op.ts';
import type { Applied } from './tape.ts';

/** A place where values left the tape while `f` ran. */
export interface Cut {
  readonly op: Op;
  readonly shape: string;
  readonly pause: Pause | 'zero';
}

/** The sentence for a derivative that differences cannot judge. */
export const UNCLEAR =
  'no step size settles the difference (a kink, a jump or rounding), so this is not checked.';

/** Notes the ops at which values with gradients stopped being recorded. */
export function cutsInto(cuts: Cut[]): (applied: Applied) => void {
  return ({ op, inputs, pause, output }) => {
    if (!inputs.some((x) => x.tracked)) return;
    const zero = inputs.every((x, i) => !x.tracked || op.definition.vjp?.[i] === 'zero');
    if (!pause && !zero) return;
    const shape = inputs.map((x) => formatShape(x.shape)).join(' and ');
    if (!output.tracked) cuts.push({ op, shape, pause: pause ?? 'zero' });
  };
}

const formatNumber = (v: number): string => (v === 0 ? '0' : v.toPrecision(3));

/** A wrong derivative as a sentence, with the likeliest cause. */
export function explain(
  { input, order, analytic, numeric }: Derivative,
  reached: boolean,
  cuts: readonly Cut[],
): string {
  const facts = `differences give ${formatNumber(numeric)}, the tape ${reached ? formatNumber(analytic) : 'nothing'}`;
  const where = `${input}, order ${order}`;
  const detached = cuts.filter(({ pause }) => pause !== 'zero');
  const flat = cuts.filter(({ pause }) => pause === 'zero');
  if (!reached) {
    const why =
      detached.length > 0
        ? `it is detached: ${describeCuts(detached)}`
        : flat.length > 0
          ? `the only path goes through ${describeCuts(flat)}`
          : 'it is read back with data() or otherwise made into a constant';
    return `${where}: no gradient path, although the result changes with it (${facts}); ${why}.`;
  }
  if (order === 2) {
    return `${where}: the second derivative is wrong (${facts}); an op's vjp treats something as constant.`;
  }
  const why =
    detached.length > 0
      ? `a part is detached: ${describeCuts(detached)}`
      : 'the vjp of an op is wrong, or a part of the function is computed outside the tape';
  return `${where}: the gradient is wrong (${facts}); ${why}.`;
}

/** The first cut of each kind. Whatever follows it is detached because of it. */
function describeCuts(cuts: readonly Cut[]): string {
  const firsts = cuts.filter(({ pause }, i) => cuts.findIndex((c) => c.pause === pause) === i);
  return firsts
    .map(({ op, shape, pause }) => {
      if (pause === 'zero') return `${op.name} of ${shape}, whose derivative is zero`;
      const fix = pause === 'noGrad' ? '' : ' (pass { createGraph: true } to grad)';
      return `${op.name} of ${shape} runs under ${pause}${fix}`;
    })
    .join('; ');
}
