// `gfsr compare` killed at a random moment: no finished trial changes, and the rest comes to the same figures.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { Random } from '../../engine/core/random.ts';
import { gfsr } from '../gfsr/cli/cli.ts';
import { tinySettings, writeTiny } from '../support/tiny-data.ts';

/** Figures of every trial, undisturbed. */
let whole: Readonly<Record<string, string>> | undefined;
/** How long it takes from its first line, undisturbed, in ms. */
let length = 0;

/** In what a comparison prints: it begins. */
const BEGINS = 'comparison';

const spec = (data: string) => ({
  settings: tinySettings(data),
  ...{ variants: ['cross-entropy', 'energy'], seeds: [0], fractions: [0.25] },
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
  const data = writeTiny(folder, 'tiny', { counts: [8, 4, 4] });
  writeFileSync(config, JSON.stringify(spec(data)));
  const args = (out: string) => ['compare', '--config', config, '--out', out];
  if (!whole) {
    const undisturbed = join(folder, 'whole');
    let begun = 0;
    const { code, stderr } = await gfsr(args(undisturbed), {
      watch: (said) => {
        if (begun === 0 && said.includes(BEGINS)) begun = performance.now();
      },
    });
    assert.is(code, 0, stderr);
    length = performance.now() - begun;
    whole = figuresIn(undisturbed);
  }
  const out = join(folder, 'out');
  const after = length * new Random(time, 'kill').uniform();
  let armed = false;
  await gfsr(args(out), {
    watch: (said, child) => {
      if (armed || !said.includes(BEGINS)) return;
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
