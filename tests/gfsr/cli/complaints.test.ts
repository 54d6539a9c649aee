// Each command complains of what is at fault, in one form: a flag, a file, or the command where something is missing.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { complaint, gfsr, tempFolder } from './cli.ts';

const none = `${tempFolder()}/none`;

const WRONG: readonly (readonly [start: RegExp, ...args: string[]])[] = [
  [/^sweep: needs <config>\./, 'sweep'],
  [/^no such file or folder.*none\.json/, 'sweep', `${none}.json`],
  [/^compare: needs --config/, 'compare'],
  [/^--redis: is missing/, 'queue', 'push', none],
  [/^--redis: is missing/, 'queue', 'status'],
  [/^slurm task: needs --list/, 'slurm', 'task'],
  [/^annotations: needs annotation files/, 'annotations'],
  [/^annotations convert: needs <from>/, 'annotations', 'convert'],
  [/^export: name the finished run/, 'export'],
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
