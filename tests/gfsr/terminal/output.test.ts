// What reaches a terminal: our own colours, and no escape sequence of a name.
import { test } from 'uvu';
import * as assert from 'uvu/assert';

delete process.env.NO_COLOR;
process.env.FORCE_COLOR = '1'; // is looked at when the styles are loaded
const { Output } = await import('../../../gfsr/terminal/output.ts');
const { runAsProcess } = await import('../../../gfsr/terminal/program.ts');

/** Everything that `work` writes to stdout and stderr, as on a terminal. */
async function terminalShows(work: () => unknown): Promise<string> {
  const { stdout } = process;
  const [write, error, isTTY, term] = [stdout.write, console.error, stdout.isTTY, process.env.TERM];
  let shown = '';
  stdout.write = ((text: string) => {
    shown += text;
    return true;
  }) as typeof stdout.write;
  console.error = (text: string) => {
    shown += `${text}\n`;
  };
  stdout.isTTY = true;
  process.env.TERM = 'xterm';
  try {
    await work();
  } finally {
    Object.assign(stdout, { write, isTTY });
    console.error = error;
    process.env.TERM = term;
  }
  return shown;
}

const NAME = '\u001b[2J\u001b[31mred\u0007';
const SHOWN = '\\u001b[2J\\u001b[31mred\\u0007';

test('escape sequences in names are shown, not sent', async () => {
  const shown = await terminalShows(() => {
    const out = new Output();
    out.result(`class ${NAME}`);
    out.say(`two\nlines ${NAME}`);
    out.status(NAME);
    out.status('');
  });
  assert.match(shown, `class ${SHOWN}\n`);
  assert.match(shown, `two\nlines ${SHOWN}\n`);
  assert.is(shown.split(SHOWN).length, 4);
  assert.not.match(shown, NAME.slice(0, 4));
});

test('our own styles still reach a terminal, around what a name is', async () => {
  const shown = await terminalShows(() => {
    const out = new Output();
    out.result(out.style.bold(out.style.yellow('warning')));
    out.result(out.style.bold(NAME));
  });
  assert.match(shown, '\u001b[1m');
  assert.match(shown, 'warning');
  assert.match(shown, SHOWN);
  assert.not.match(shown, '\u001b[31m');
});

test('an error is one short line without escape sequences', async () => {
  const { argv, exitCode } = process;
  const failing = {
    name: 'fail',
    help: 'fails',
    flags: {},
    run: async () => {
      throw new RangeError(`bad ${NAME.repeat(100_000)}\nUse less.`);
    },
  };
  process.argv = ['node', 'test', 'fail'];
  const shown = await terminalShows(() =>
    runAsProcess({ name: 'test', version: '1', commands: [failing] }),
  );
  process.argv = argv;
  process.exitCode = exitCode;
  assert.match(shown, /^test: bad \\u001b\[2J.*Use less\.\n$/);
  assert.ok(shown.length < 1200, `${shown.length}`);
  assert.not.match(shown, '\u001b');
});

test.run();
