// `gfsr compare` killed at a random moment: no finished trial changes, and the rest comes to the same figures.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { Random } from '../../engine/core/random.ts';
import { gfsr } from '../gfsr/cli/cli.ts';
import { tinySettings, writeTiny } from '../support/tiny-data.ts';

/** Figures of every trial, undisturbed. */
let whole: Readonly<Record<string, string>> | undefined;

const spec = (data: string) => ({
  settings: tinySettings(data),
  ...{ variants: ['cross-entropy', 'energy'], seeds: [0], fractions: [0.1] },
});

/** Text of each trial file, by its name. */
function trialsIn(folder: string): Map<string, string> {
  const trials = join(folder, 'trials');
  const names = existsSync(trials) ? readdirSync(trials) : [];
  const finished = names.filter((name) => name.endsWith('.json'));
  return new Map(finished.map((name) => [name, readFileSync(join(trials, name), 'utf8')]));
}

const figuresIn = (folder: string): Record<string, string> =>
  Object.fromEntries(
    [...trialsIn(folder)].map(([, text]) => {
      const { label, figures } = JSON.parse(text);
      return [label, JSON.stringify(figures)];
    }),
  );

export async function killedComparison(folder: string, time: number): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'lab.json');
  writeFileSync(config, JSON.stringify(spec(writeTiny(folder))));
  const args = (out: string) => ['compare', '--config', config, '--out', out];
  if (!whole) {
    const undisturbed = join(folder, 'whole');
    const { code, stderr } = await gfsr(args(undisturbed));
    assert.is(code, 0, stderr);
    whole = figuresIn(undisturbed);
  }
  const out = join(folder, 'out');
  const after = 1500 * new Random(time, 'kill').uniform();
  let armed = false;
  await gfsr(args(out), {
    watch: (said, child) => {
      if (armed || !said.includes('comparison')) return;
      armed = true;
      setTimeout(() => child.kill('SIGKILL'), after);
    },
  });
  const before = trialsIn(out);
  const { code, stderr } = await gfsr(args(out));
  assert.is(code, 0, stderr);
  const now = trialsIn(out);
  for (const [name, text] of before) assert.is(now.get(name), text, name);
  assert.equal(figuresIn(out), whole);
}
