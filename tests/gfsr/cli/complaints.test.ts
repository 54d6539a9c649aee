// Each command complains of what is at fault, in one form: a flag, a file, or the command where something is missing.
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { complaint, gfsr, tempFolder } from './cli.ts';

const folder = tempFolder();
const none = `${folder}/none`;
mkdirSync(`${folder}/nul`);
writeFileSync(
  `${folder}/nul/a.json`,
  JSON.stringify({
    shapes: [{ label: 'x', points: [[1, 1]], shape_type: 'point' }],
    ...{ imagePath: 'a\0b.png', imageHeight: 9, imageWidth: 9 },
  }),
);

const WRONG: readonly (readonly [start: RegExp, ...args: string[]])[] = [
  [/^sweep: needs <config>\./, 'sweep'],
  [/^cannot read ".*none\.json": no such file/, 'sweep', `${none}.json`],
  [/^compare: needs --config/, 'compare'],
  [/^--redis: is missing/, 'queue', 'push', none],
  [/^--redis: is missing/, 'queue', 'status'],
  [/^slurm task: needs --list/, 'slurm', 'task'],
  [/^annotations: needs annotation files/, 'annotations'],
  [/^annotations convert: needs <from>/, 'annotations', 'convert'],
  [
    /^annotations convert: no file can be named "a\\u0000b\.png"/,
    ...['annotations', 'convert', `${folder}/nul`, `${folder}/masks`, '--format', 'masks'],
  ],
  [/^export: name the finished run/, 'export'],
  [
    /^export: tensorboard holds all arms/,
    ...['export', '--run', none, '--format', 'tensorboard', '--arm', 'guided'],
  ],
  [/^--lr: a resumed run keeps its settings/, 'train', '--resume', none, '--lr', '1'],
  [/^--mc-dropout: makes an ensemble/, 'evaluate', '--mc-dropout', '3', '--ensemble', 'a,b'],
];

for (const [start, ...args] of WRONG) {
  test(`gfsr ${args.map((arg) => arg.split('/').at(-1)).join(' ')}`, async () => {
    const outcome = await gfsr(args, { env: { GFSR_REDIS: '', GFSR_STORE: '' } });
    assert.is(outcome.code, 1, outcome.stderr);
    assert.match(complaint(outcome), start);
  });
}

test.run();
