// `npm run isa`: a table of what compilers of real GPUs make of the kernels, on a machine that has none of them.
// Flags: `--all` lists every kernel, `--out <file>` writes the figures, `--record` writes those that the test holds.

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createNodeDevice } from '../../engine/node.ts';
import { table } from '../../gfsr/text/lines.ts';
import { CARDS } from './cards.ts';
import { missingPackages } from './compiler.ts';
import { FAMILIES, issueShare, type Judged, judge, type Variant, type Verdict } from './judge.ts';
import { RECORD, recordOf } from './record.ts';

const { values: flags } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    out: { type: 'string' },
    record: { type: 'boolean', default: false },
  },
});

const HEAD = ['scratch', 'spills', 'VGPRs', 'SGPRs', 'waves', 'LDS', 'code'];

const cells = (of: Variant): string[] =>
  [of.scratch, of.spills, of.vgprs, of.sgprs, of.waves, of.lds, of.codeSize].map(String);

const shapeCells = (of: Judged): string[] => {
  const { multiplyAdds, ldsBytes, memoryBytes } = of.counts;
  const perMultiplyAdd = (bytes: number) => (bytes / multiplyAdds).toFixed(2);
  return [
    `${of.usual ? '*' : ' '} ${of.name}`,
    ...cells(of),
    `${(100 * issueShare(of.counts)).toFixed(1)} %`,
    perMultiplyAdd(ldsBytes),
    perMultiplyAdd(memoryBytes),
    of.model.microseconds.toFixed(1),
    of.model.limit,
    `${(100 * of.model.peakShare).toFixed(0)} %`,
  ];
};

function print({ family, variants, shapes }: Verdict): void {
  const bad = variants.filter(({ scratch, spills }) => scratch > 0 || spills > 0);
  console.log(
    `\n${family.title} (${family.name}): ${variants.length} kernels, ${bad.length} with scratch or spills\n`,
  );
  const listed = flags.all ? variants : bad;
  if (listed.length > 0) {
    const rows = listed.map((variant) => [variant.name, ...cells(variant)]);
    console.log(`${table([['kernel', ...HEAD], ...rows]).join('\n')}\n`);
  }
  const shown = shapes.filter(({ usual }) => flags.all || usual);
  const { title } = CARDS[family.name];
  const model = [`µs on ${title} (model)`, 'limit', 'of peak'];
  const figures = ['issue share', 'LDS B/ma', 'memory B/ma', ...model];
  const head = ['shape (* usual on a GPU)', ...HEAD, ...figures];
  console.log(table([head, ...shown.map(shapeCells)]).join('\n'));
}

const missing = missingPackages();
if (missing.length > 0) {
  console.log(`skipped: isa needs the Debian packages ${missing.join(', ')}.`);
} else {
  const { device, destroy } = await createNodeDevice({ backend: 'null' });
  const verdicts = judge(device, FAMILIES);
  verdicts.forEach(print);
  if (flags.out) writeFileSync(flags.out, `${JSON.stringify(verdicts, null, 2)}\n`);
  if (flags.record) writeFileSync(RECORD, `${JSON.stringify(recordOf(verdicts), null, 2)}\n`);
  destroy();
}
