// What a wave executes of machine code: instructions, multiply-adds and bytes, by blocks and by how often loops run.

/** Counted over one block, or over all that a wave executes. Bytes are those of one lane. */
export interface Counts {
  readonly instructions: number;
  readonly multiplyAdds: number;
  readonly ldsBytes: number;
  readonly memoryBytes: number;
}

/** A loop: the blocks from its header to the branch back. */
interface Loop {
  readonly first: number;
  readonly last: number;
}

interface Block extends Counts {
  readonly number: number;
  /** Blocks that its branches lead to. */
  readonly targets: readonly number[];
}

const INSTRUCTION = /\b((?:v|s|ds|buffer|global|flat|scratch|image)_[a-z]\w*)/;
const MULTIPLY_ADD = /^v_(dual_|pk_)?(fma|fmac|mad|mac)[a-z]*_f(32|16)/;
/** Bytes of a lane, by how an access is spelt: dwordx4, b128, read2_b64 and so on. */
const WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/(x4|b128)/, 16],
  [/(x3|b96)/, 12],
  [/(x2|b64)/, 8],
  [/(short|b16|u16|d16)/, 2],
  [/(byte|u8|i8|b8)/, 1],
];

const bytesOf = (op: string): number =>
  (/(read|write|load|store)_?2/.test(op) ? 2 : 1) *
  (WIDTHS.find(([spelt]) => spelt.test(op))?.[1] ?? 4);

function blockOf(text: string): Block {
  let [instructions, multiplyAdds, ldsBytes, memoryBytes] = [0, 0, 0, 0];
  const targets: number[] = [];
  for (const line of text.split('\n').slice(1)) {
    const code = line.split(';')[0];
    const op = INSTRUCTION.exec(code)?.[1];
    if (!op) continue;
    instructions++;
    // Two operations in one instruction on RDNA 3 (`v_dual_fmac_f32 … :: v_dual_fmac_f32 …`) count as what they are.
    multiplyAdds += code
      .split('::')
      .filter((half) => MULTIPLY_ADD.test(INSTRUCTION.exec(half)?.[1] ?? '')).length;
    if (/^ds_(read|write|load|store)/.test(op)) ldsBytes += bytesOf(op);
    if (/^(buffer|global|flat|scratch)_(load|store)/.test(op)) memoryBytes += bytesOf(op);
    if (/^s_c?branch/.test(op)) targets.push(Number(/BB(\d+)/.exec(code)?.[1]));
  }
  const number = Number(/^BB(\d+)/.exec(text)?.[1]);
  return { number, targets, instructions, multiplyAdds, ldsBytes, memoryBytes };
}

/** What one wave executes if each loop runs as often as `trips` say: outer loops first, inner ones where they begin. */
export function executed(assembly: string, trips: readonly number[]): Counts {
  const parts = assembly.split(/^(?=BB\d+)/m).filter((part) => part.startsWith('BB'));
  const blocks = parts.map(blockOf);
  const loops = loopsOf(blocks);
  if (loops.length !== trips.length) {
    throw new RangeError(`isa: the code has ${loops.length} loops, expected ${trips.length}.`);
  }
  const total = { instructions: 0, multiplyAdds: 0, ldsBytes: 0, memoryBytes: 0 };
  for (const block of blocks) {
    const times = loops.reduce(
      (n, { first, last }, i) => (block.number >= first && block.number <= last ? n * trips[i] : n),
      1,
    );
    for (const key of Object.keys(total) as (keyof Counts)[]) total[key] += times * block[key];
  }
  return total;
}

function loopsOf(blocks: readonly Block[]): Loop[] {
  const ends = new Map<number, number>();
  for (const { number, targets } of blocks) {
    for (const first of targets) {
      if (first <= number) ends.set(first, Math.max(ends.get(first) ?? 0, number));
    }
  }
  return [...ends].map(([first, last]) => ({ first, last })).sort((a, b) => a.first - b.first);
}
