// Flags and configuration files: names, values, precedence, and what is said of a wrong one.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { writeTiny } from '../../support/tiny-data.ts';
import { complaint, gfsr, tempFolder } from './cli.ts';

const folder = tempFolder();

/** A configuration file with the given text. */
function configFile(text: string): string {
  const path = join(folder, 'config.json');
  writeFileSync(path, text);
  return path;
}

test('lists the commands, and every setting of train with its choices', async () => {
  const [top, train] = await Promise.all([gfsr([]), gfsr(['train', '--help'])]);
  assert.is(top.code, 0);
  for (const name of ['train', 'compare', 'evaluate', 'explain', 'data', 'gradcheck', 'doctor']) {
    assert.match(top.stdout, new RegExp(`^  ${name} `, 'm'));
  }
  assert.is(train.code, 0);
  assert.match(train.stdout, /--batch-size <number> +images per step/);
  assert.match(train.stdout, /--loss <text> .*gfsr, energy, rrr/);
  assert.match(train.stdout, /--no-baseline for off/);
});

test('explain shows no defaults of settings that the run decides', async () => {
  const { stdout } = await gfsr(['explain', '--help']);
  for (const flag of ['source', 'layer', 'method', 'sign', 'integration-steps']) {
    assert.match(stdout, new RegExp(`^  --${flag} .*\\[as the run was trained\\]$`, 'm'));
  }
});

test('names the nearest command, flag and setting', async () => {
  const command = await gfsr(['trian']);
  assert.is(command.code, 1);
  assert.match(complaint(command), /^unknown command trian\. Did you mean train\?/);
  const flag = await gfsr(['train', '--lamda', '3']);
  assert.is(flag.code, 1);
  assert.match(complaint(flag), /^unknown flag --lamda\. Did you mean --lambda\?/);
  const setting = await gfsr(['train', '--config', configFile('{"epoch": 3}')]);
  assert.is(setting.code, 1);
  assert.match(
    complaint(setting),
    /config\.json: unknown key epoch\. Did you mean train\.epochs\?/,
  );
});

test('takes flags before the file and the file before the defaults', async () => {
  const data = writeTiny(folder);
  const config = configFile('{"train": {"seed": -3, "lr": "fast"}}');
  const both = await gfsr(['train', '--data', data, '--config', config]);
  assert.match(complaint(both), /train\.seed is -3, expected a whole number of at least 0/);
  const one = await gfsr(['train', '--data', data, '--config', config, '--seed', '3']);
  assert.match(complaint(one), /train\.lr is "fast", expected a number above 0/);
});

test('says what the value of a flag should be', async () => {
  const data = writeTiny(folder);
  const says = async (...args: string[]) => {
    const outcome = await gfsr(['train', '--data', data, ...args]);
    assert.is(outcome.code, 1);
    return complaint(outcome);
  };
  assert.match(
    await says('--loss', 'enrgy'),
    /^--loss is "enrgy", expected gfsr, energy.*mean energy\?/,
  );
  assert.match(await says('--lr', 'abc'), /^--lr is "abc", expected a number/);
  assert.match(
    await says('--widths', '4,x'),
    /^--widths is \[4,"x"\], expected 1 to 16 whole numbers/,
  );
  assert.match(await says('--epochs', '1.5'), /^--epochs is 1\.5, expected a whole number/);
  assert.match(await says('--seed'), /--seed <number>.* value is missing/);
  assert.match(await says('--seed', '1', '--seed', '2'), /^--seed is given 2 times/);
});

test('refuses a file that is not JSON, or has a key __proto__', async () => {
  const says = async (text: string) =>
    complaint(await gfsr(['train', '--config', configFile(text)]));
  assert.match(await says('{"seed": }'), /config\.json: not JSON/);
  assert.match(await says('[1]'), /config\.json: got \[1\], expected an object/);
  assert.match(await says('{"__proto__": {"seed": 1}}'), /"__proto__" is not allowed/);
  const missing = await gfsr(['train', '--config', join(folder, 'nowhere.json')]);
  assert.match(complaint(missing), /cannot read ".*nowhere\.json": no such file/);
});

test.run();
