// A loss from a file, as a researcher uses it: checked, trained with, and refused with a reason.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../engine/index.ts';
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

test('derivatives that could not be checked are said', async () => {
  const kink = new Random('gradcheck inputs').normal() + 3e-7; // next to the value of x
  const rough = moduleFile(
    'rough.mts',
    `export default { inputs: { x: [1], z: [3] },
       f: ({ x, z }) => e.add(e.abs(e.scaleShift(x, 1, ${-kink})), e.exp(z)) };`,
  );
  const { code, stdout } = await gfsr(['gradcheck', rough]);
  assert.is(code, 0, stdout);
  assert.match(stdout, /^note +x, order 1: .* so this is not checked\.$/m);
  const [, right, rest] =
    /rough\.mts: (\d+) derivatives agree .*; (\d+) could not be checked, see the notes\.$/m.exec(
      stdout,
    ) ?? [];
  assert.is(Number(right) + Number(rest), 8);
});

test('files that hold no loss are refused in one line', async () => {
  const told = async (path: string) => complaint(await gfsr(['gradcheck', path]));
  assert.match(await told(join(folder, 'gone.ts')), /cannot read ".*gone\.ts": no such file/);
  assert.match(
    await told(moduleFile('none.mts', '')),
    /none\.mts: got no default export, expected/,
  );
  assert.match(await told(moduleFile('bad.mts', 'export default 3;')), /of type number, expected/);
  // Lines and columns are those of the file: moduleFile writes two lines before its body.
  assert.match(
    await told(moduleFile('throws.mts', 'throw new Error("oops");')),
    /cannot load .*: oops at throws\.mts:3:7\./,
  );
  assert.match(
    await told(moduleFile('syntax.mts', '\nexport default (1 +* 2);')),
    /cannot load .*: Unexpected "\*" at .*syntax\.mts:4:20\./,
  );
  assert.match(
    await told(moduleFile('syntax.mjs', '\nexport default (1 +* 2);')),
    /cannot load .*: Unexpected .*\*.* at syntax\.mjs:4:20\./,
  );
  assert.match(
    await told(moduleFile('null.mts', 'throw null;')),
    /cannot load .*: null, which is not/,
  );
});

/** A module with a loss whose function has this body. */
const lossFile = (name: string, body: string, before = '') =>
  moduleFile(
    name,
    `${before}export default defineRelevanceLoss({ name: 'mine', source: 'test',
       loss: ({ saliency, mask }) => {
${body}
         return e.mean(e.mul(saliency, mask), [1, 2]);
       } });`,
  );

test('a loss that throws is told with its line', async () => {
  const told = async (path: string) => {
    const { code, stdout } = await gfsr(['gradcheck', path]);
    assert.is(code, 1);
    return stdout;
  };
  const error = lossFile('error.mts', 'e.sum(saliency, [7]);');
  assert.match(
    await told(error),
    /^WRONG +mine throws at error\.mts:5:3: sum: axis 7 does not exist/m,
  );
  const text = lossFile('text.mts', 'throw "oops";');
  assert.match(await told(text), /^WRONG +mine throws: "oops", which is not an Error/m);
  const nothing = lossFile('nothing.mts', 'throw null;');
  assert.match(await told(nothing), /^WRONG +mine throws: null, which is not an Error/m);
  const shared = lossFile('shared.mts', 'Object.prototype.seen = true;');
  assert.match(
    await told(shared),
    /^WRONG +mine changes Object\.prototype\.seen, on which all other/m,
  );
});

test('a loss that rejects a promise that nobody awaits is refused', async () => {
  const path = lossFile('lost.mts', 'void Promise.reject(new Error("lost"));');
  for (const args of [
    ['gradcheck', path],
    ['train', '--data', data, '--out', join(folder, 'lost'), '--loss', path],
  ]) {
    const outcome = await gfsr(args);
    assert.is(outcome.code, 1);
    assert.match(
      complaint(outcome),
      /lost\.mts rejects a promise that nobody awaits at lost\.mts:5:\d+: lost$/,
    );
  }
});

test('a built-in loss is checked by its name, and a wrong name is told with all names', async () => {
  const { code, stdout } = await gfsr(['gradcheck', 'energy']);
  assert.is(code, 0);
  assert.match(stdout, /^energy: \d+ derivatives agree/m);
  assert.match(
    complaint(await gfsr(['gradcheck', 'enrgy'])),
    /unknown relevance loss enrgy, expected gfsr, energy/,
  );
});

test('a module that changes the prototype of all objects, or loads for ever, is refused', async () => {
  const told = async (path: string) => complaint(await gfsr(['gradcheck', path]));
  assert.match(
    await told(lossFile('all.mts', '', 'Object.prototype.all = 1;')),
    /all\.mts changes Object\.prototype\.all, on which/,
  );
  assert.match(
    await told(lossFile('loads.mts', '', 'for (;;) {}')),
    /loads\.mts is not loaded within 5 s/,
  );
});

test('a loss that never returns is stopped, with its name', async () => {
  const path = lossFile('endless.mts', 'for (;;) {}');
  for (const args of [
    ['gradcheck', path],
    ['train', '--data', data, '--out', join(folder, 'endless'), '--loss', path],
  ]) {
    const { code, stdout, stderr } = await gfsr(args);
    assert.is(code, 1);
    assert.match(stdout + stderr, /mine does not return within 8 s and was stopped/);
  }
});

test('Ctrl-C ends a loss that never returns at once', async () => {
  const path = lossFile('patient.mts', "console.log('begun'); for (;;) {}");
  let sent = 0;
  const { code, signal } = await gfsr(['gradcheck', path], {
    watch: (said, child) => {
      if (sent > 0 || !said.includes('begun')) return;
      sent = performance.now();
      child.kill('SIGINT');
    },
  });
  assert.ok(sent > 0 && performance.now() - sent < 6000);
  assert.ok(signal === 'SIGINT' || code === 130, `ended with ${signal ?? code}`);
});

test.run();
