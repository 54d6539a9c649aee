// What a person called a file stays one word of a shell, and runs nothing.

import { execFileSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inShell, shellCommand } from '../../../gfsr/text/shell.ts';

test('any text is one word', () => {
  assert.is(inShell('scans/marks-1.json'), 'scans/marks-1.json');
  assert.is(inShell('--widths=2,4'), '--widths=2,4');
  assert.is(inShell('my scans'), "'my scans'");
  assert.is(shellCommand('gfsr', '--out', 'my run'), "gfsr --out 'my run'");
  if (process.platform === 'win32') return;
  for (const word of [
    '',
    'a b',
    '$(echo x)',
    '`echo x`',
    "it's",
    '"',
    'a\nb',
    '*',
    '~',
    '=ls',
    'a;b\\',
  ]) {
    const said = execFileSync('sh', ['-c', `printf %s ${inShell(word)}`], { encoding: 'utf8' });
    assert.is(said, word);
  }
});

test.run();
