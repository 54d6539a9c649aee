// Arguments and flags: what is read from a command line, what type it has, and what is said of a wrong one.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readArguments } from '../../../gfsr/terminal/arguments.ts';
import { defineCommand } from '../../../gfsr/terminal/command.ts';

const settings = {
  headings: { Settings: { baseline: { kind: 'boolean', help: 'train it too' } } },
  collect: (given: ReadonlyMap<string, unknown>) => ({ baseline: given.get('baseline') }),
} as const;

const command = defineCommand({
  name: 'draw',
  help: 'draw it',
  arguments: { image: 'one', others: 'many' },
  flags: {
    maxCount: { kind: 'integer', least: 1, default: 3, help: 'how many' },
    rate: { kind: 'number', help: 'how fast' },
    sizes: { kind: 'integers', longest: 3, help: 'how large' },
    mode: { kind: 'choice', choices: ['pen', 'brush'], default: 'pen', help: 'with what' },
    out: { kind: 'text', value: 'folder', help: 'where to' },
    quiet: { kind: 'boolean', help: 'say nothing' },
    settings,
  },
  // What is returned checks the types: a flag with a default is never undefined.
  async run({ image, others, maxCount, mode, quiet, out, settings: { baseline } }) {
    const texts: [string, readonly string[], 'pen' | 'brush'] = [image, others, mode];
    const rest: [number, boolean, string | undefined, unknown] = [maxCount, quiet, out, baseline];
    return texts.length + rest.length;
  },
});
const read = (...args: string[]) => readArguments('tool', command, args);
const wrong = (pattern: RegExp, ...args: string[]) =>
  assert.throws(
    () => read(...args),
    (error: Error) => error instanceof RangeError && pattern.test(error.message),
  );

test('values have the types of their flags, in any order and both spellings', () => {
  const expected = {
    ...{ image: 'a.png', others: ['b.png'], maxCount: 7, rate: -0.5, sizes: [1, 2] },
    ...{ mode: 'brush', out: '007', quiet: true, settings: { baseline: false } },
  };
  assert.equal(
    read(
      ...['--max-count', '007', 'a.png', '--rate', '-0.5', '--sizes=1,2', '--quiet', 'b.png'],
      ...['--mode', 'brush', '--out', '007', '--no-baseline'],
    ),
    expected,
  );
  assert.is(read('a', '--maxCount=7').maxCount, 7);
  assert.equal(read('a', '--', '--quiet').others, ['--quiet']);
});

test('what is left out has its default, or is undefined', () => {
  assert.equal(read('a'), {
    ...{ image: 'a', others: [], maxCount: 3, rate: undefined, sizes: undefined },
    ...{ mode: 'pen', out: undefined, quiet: false, settings: { baseline: undefined } },
  });
});

test('an unknown flag is answered with the nearest', () => {
  wrong(
    /^unknown flag --max-cout\. Did you mean --max-count\? See: tool draw --help$/,
    'a',
    '--max-cout',
    '3',
  );
  wrong(/^unknown flag -x\./, 'a', '-x');
  wrong(/^unknown flag --no-out\./, 'a', '--no-out');
});

test('a value that a flag does not take is refused', () => {
  wrong(/^--max-count is 0, expected a whole number of at least 1\.$/, 'a', '--max-count', '0');
  wrong(/^--max-count is "3x", expected a whole number/, 'a', '--max-count', '3x');
  wrong(/^--mode is "bruch", expected pen, brush\. Did you mean brush\?$/, 'a', '--mode', 'bruch');
  wrong(/^--out is given 2 times, expected once\.$/, 'a', '--out', 'x', '--out', 'y');
  wrong(/^--out <folder>: the value is missing\.$/, 'a', '--out');
  wrong(/^--out <folder>: the value is missing\.$/, 'a', '--out', '--quiet');
  wrong(/^--out <folder>: the value is missing\.$/, 'a', '--out=');
  wrong(/^--quiet: got yes, but it takes no value\./, 'a', '--quiet=yes');
});

test('arguments that are missing or too many are named', () => {
  wrong(/^draw: needs <image>\. See: tool draw --help$/);
  const none = defineCommand({ name: 'bare', help: 'bare', flags: {}, run: async () => 0 });
  assert.throws(
    () => readArguments('tool', none, ['x']),
    /bare: got an argument \(x\), expected none\. See/,
  );
  const shown = { ...none, examples: ['bare', 'bare --config lab.json'] };
  assert.throws(
    () => readArguments('tool', shown, ['lab.json']),
    /got an argument \(lab\.json\), expected none, as in "tool bare --config lab\.json"\. See/,
  );
});

test.run();
