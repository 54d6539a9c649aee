// Help texts: everything in them comes from the declarations, once.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EVERYWHERE } from '../../../gfsr/terminal/arguments.ts';
import { defineCommand } from '../../../gfsr/terminal/command.ts';
import { commandHelp, programHelp } from '../../../gfsr/terminal/help.ts';

const command = defineCommand({
  name: 'draw',
  help: 'draw an image',
  arguments: { image: 'one', others: 'many' },
  flags: {
    tool: {
      kind: 'choice',
      choices: ['pen', 'brush', 'chalk', 'crayon'],
      default: 'pen',
      help: 'with what',
    },
    out: { kind: 'text', value: 'folder', usual: 'drawings/<name>', help: 'where it goes' },
    quiet: { kind: 'boolean', help: 'say nothing' },
  },
  examples: ['draw a.png --tool brush'],
  run: async () => 0,
});

test('a command shows its arguments, flags with choices and defaults, and examples', () => {
  assert.is(
    commandHelp('tool', command, EVERYWHERE).join('\n'),
    `Usage: tool draw <image> [...others] [flags]

Draw an image.

Flags:
  --tool <name>   with what: pen, brush, chalk, crayon [pen]
  --out <folder>  where it goes [drawings/<name>]
  --quiet         say nothing
  --verbose       show the stack trace of an error
  --help          show this help

Examples:
  tool draw a.png --tool brush`,
  );
});

test('long lines are broken where the terminal ends, below their column', () => {
  const lines = commandHelp('tool', command, EVERYWHERE, 52);
  assert.ok(
    lines.every((line) => line.length <= 52),
    lines.join('\n'),
  );
  const at = lines.findIndex((line) => line.includes('--tool'));
  assert.match(lines[at + 1], /^ {18}\S/);
});

test('the program lists its commands', () => {
  assert.match(
    programHelp('tool', [command]).join('\n'),
    /^ {2}draw <image> \[\.\.\.others\] {2}draw an image$/m,
  );
});

test.run();
