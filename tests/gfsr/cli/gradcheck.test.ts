// A loss from a file, as a researcher uses it: checked, trained with, and refused with a reason.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { writeTiny } from '../../support/tiny-data.ts';
import { complaint, gfsr, TINY, tempFolder } from './cli.ts';

const folder = tempFolder();
const data = writeTiny(folder);
const LOSS = 'examples/my-loss.ts';

/** Writes a module that imports our sources by URL, as the folder has no package. */
function moduleFile(name: string, body: string): string {
  const path = join(folder, name);
  const root = new URL('../../../', import.meta.url).href;
  writeFileSync(
    path,
    `import * as e from '${root}engine/index.ts';\nimport { defineRelevanceLoss } from '${root}gfsr/index.ts';\n${body}\n`,
  );
  return path;
}

test("the example's loss is right, and trains", async () => {
  const check = await gfsr(['gradcheck', LOSS]);
  assert.is(check.code, 0, check.stderr + check.stdout);
  assert.match(
    check.stdout,
    /^outside: \d+ derivatives agree with differences, to second order\.$/m,
  );
  const out = join(folder, 'run');
  const run = await gfsr(['train', '--data', data, '--out', out, ...TINY, '--loss', LOSS]);
  assert.is(run.code, 0, run.stderr);
  assert.match(run.stdout, /^loss +outside \(an example: .*\): \d+ derivatives checked$/m);
  assert.match(run.stdout, /training guided by outside/);
});

test('a wrong loss is explained, and not trained with', async () => {
  const path = moduleFile(
    'wrong.mts',
    `export default defineRelevanceLoss({ name: 'wrong', source: 'test',
       loss: ({ saliency, mask }) => e.mean(e.mul(e.noGrad(() => e.exp(saliency)), mask), [1, 2]) });`,
  );
  const check = await gfsr(['gradcheck', path]);
  assert.is(check.code, 1);
  assert.match(check.stdout, /^WRONG +saliency, order 1: no gradient path, .* exp of .* noGrad/m);
  const run = await gfsr(['train', '--data', data, '--out', join(folder, 'no'), '--loss', path]);
  assert.is(run.code, 1);
  assert.match(complaint(run), /wrong\.mts: saliency, order 1: no gradient path/);
});

test('a function with inputs is checked too', async () => {
  const right = moduleFile(
    'f.mts',
    'export default { inputs: { x: [2, 3] }, f: ({ x }) => e.tanh(x) };',
  );
  const { code, stdout } = await gfsr(['gradcheck', right]);
  assert.is(code, 0, stdout);
  assert.match(stdout, /f\.mts: 4 derivatives agree/);
});

test('files that hold no loss are refused in one line', async () => {
  const told = async (path: string) => complaint(await gfsr(['gradcheck', path]));
  assert.match(await told(join(folder, 'gone.ts')), /cannot read ".*gone\.ts": no such file/);
  assert.match(
    await told(moduleFile('none.mts', '')),
    /none\.mts: got no default export, expected/,
  );
  assert.match(await told(moduleFile('bad.mts', 'export default 3;')), /of type number, expected/);
  assert.match(
    await told(moduleFile('throws.mts', 'throw new Error("oops");')),
    /cannot load .*oops/,
  );
});

test.run();
