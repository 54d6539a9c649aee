// `gfsr compare` killed at random moments and started again, over and over: no trial is lost, doubled or changed.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../engine/core/random.ts';
import { tinySettings, writeTiny } from '../../support/tiny-data.ts';
import { complaint, gfsr, tempFolder } from './cli.ts';

const folder = tempFolder();
const out = join(folder, 'out');
const spec = join(folder, 'lab.json');
const VARIANTS = ['cross-entropy', 'gfsr', 'energy', 'hint'];
const SEEDS = [0, 1];
const TRIALS = VARIANTS.length * SEEDS.length;
const KILLS = 4;
writeFileSync(
  spec,
  JSON.stringify({
    settings: tinySettings(writeTiny(folder)),
    ...{ variants: VARIANTS, seeds: SEEDS, fractions: [0.1] },
  }),
);
const compare = (watch?: Parameters<typeof gfsr>[1]) =>
  gfsr(['compare', '--config', spec, '--out', out], watch);

/** Finished trials, and nothing else, by file name; none if the kill came before the folder. */
function trials(): Map<string, string> {
  const folder = join(out, 'trials');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const finished = names.filter((name) => name.endsWith('.json'));
  return new Map(finished.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

test(`killed ${KILLS} times at random moments`, async () => {
  const random = new Random('kill');
  let before = new Map<string, string>();
  let begun = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    // Between the moment at which the folder is taken and the third trial of this attempt or so.
    const after = 1200 * random.uniform();
    let armed = false;
    const { signal, stdout } = await compare({
      watch: (said, child) => {
        if (armed || !said.includes('comparison')) return;
        armed = true;
        setTimeout(() => child.kill('SIGKILL'), after);
      },
    });
    assert.is(signal, 'SIGKILL', `attempt ${kill + 1} came to its end in ${after} ms`);
    begun += (stdout.match(/^trial /gm) ?? []).length;
    const kept = trials();
    for (const [name, text] of before)
      assert.is(kept.get(name), text, `${name} after kill ${kill + 1}`);
    for (const text of kept.values()) assert.is(JSON.parse(text).format, 'gfsr-trial');
    before = kept;
  }
  const { code, stdout, stderr } = await compare();
  assert.is(code, 0, stderr);
  const last = (stdout.match(/^trial /gm) ?? []).length;
  assert.is(last, TRIALS - before.size);
  // Each kill may cost the one trial that was running.
  assert.ok(begun + last <= TRIALS + KILLS, `${begun + last} trainings for ${TRIALS} trials`);
  const all = trials();
  for (const [name, text] of before) assert.is(all.get(name), text);
  const records = [...all.values()].map((text) => JSON.parse(text));
  assert.equal(
    records.map(({ label, seed }) => `${label} ${seed}`).sort(),
    VARIANTS.flatMap((label) => SEEDS.map((seed) => `${label} ${seed}`)).sort(),
  );
  assert.is(new Set(records.map(({ key }) => key)).size, TRIALS);
  assert.not.ok(readdirSync(out).includes('lock.json'));
});

test('a second process in the same folder is told so, and the first goes on', async () => {
  const again = join(folder, 'two');
  const args = ['compare', '--config', spec, '--out', again];
  let second: ReturnType<typeof gfsr> | undefined;
  const first = await gfsr(args, {
    watch: (said) => {
      if (said.includes('comparison')) second ??= gfsr(args);
    },
  });
  assert.is(first.code, 0, first.stderr);
  const refused = await (second as ReturnType<typeof gfsr>);
  // Where the machine is slow to start it, the second comes when all is done, and has nothing left to do.
  if (refused.code === 0) assert.not.match(refused.stdout, /^trial /m);
  else assert.match(complaint(refused), /two: in use by process \d+ on .* since/);
  assert.is(readdirSync(join(again, 'trials')).length, TRIALS);
});

test.run();
