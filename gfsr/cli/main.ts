#!/usr/bin/env node
// The command line: gfsr train | compare | reproduce | evaluate | explain | data | annotations | gradcheck | doctor.

import { cac } from 'cac';
import { didYouMean } from '../text/suggestions.ts';
import { annotationsCommand } from './annotations.ts';
import { compareCommand } from './compare.ts';
import { dataCommand } from './data.ts';
import { doctor, ownVersion } from './doctor.ts';
import { evaluateCommand } from './evaluate.ts';
import { explainCommand } from './explain.ts';
import { addSettingFlags, checkFlags, type Flags, readSettings, textFlag } from './flags.ts';
import { gradcheckCommand } from './gradcheck.ts';
import { Output } from './output.ts';
import { reproduceCommand } from './reproduce.ts';
import { trainCommand } from './train.ts';

/** Runs one command line; resolves to the exit code. */
async function run(args: readonly string[]): Promise<number> {
  const cli = cac('gfsr');
  const flags = (): Flags => ({ values: cli.options, argv: args });
  const text = (name: string) => textFlag(flags(), name);
  /** Where JSON is asked for, stdout has nothing else. */
  const output = () => new Output({ quiet: Boolean(cli.options.quiet || cli.options.json) });
  const source = () => ({ run: text('run'), weights: text('weights') });

  const train = cli
    .command(
      'train',
      'train with and without guidance from one start, and compare (the default job: Decoy-MNIST)',
    )
    .option('--config <file.json>', 'settings as JSON; flags win over it')
    .option('--out <folder>', 'where the run goes; default runs/<data>')
    .option('--resume <folder>', 'continue a run that was stopped')
    .option('--tune', 'find the fastest kernels for this adapter first; kept for later runs')
    .option('--detect-anomaly', 'name the op where a value is first NaN or infinite; slower')
    .option('--quiet', 'print the result only')
    .example('  gfsr train')
    .example(
      '  gfsr train --data pneumoniamnist_28.npz --annotations marks.json --out runs/pneumonia',
    )
    .action(() =>
      trainCommand(
        {
          settings: readSettings(flags()),
          config: text('config'),
          out: text('out'),
          resume: text('resume'),
          detectAnomaly: Boolean(cli.options.detectAnomaly),
          tune: Boolean(cli.options.tune),
        },
        output(),
      ),
    );
  addSettingFlags(train);

  cli
    .command('compare', 'train variants with several seeds and test their differences')
    .option('--config <file.json>', 'variants, seeds, annotated fractions and mask controls')
    .option('--data <text>', 'data in the place of those that the file names')
    .option('--quick', 'the small size that the file describes')
    .option('--out <folder>', 'where trials and tables go, or are; default runs/<name of the file>')
    .option('--quiet', 'print the result only')
    .example('  gfsr compare --config lab.json')
    .action(() =>
      compareCommand(
        {
          config: text('config'),
          data: text('data'),
          quick: cli.options.quick === true,
          out: text('out'),
        },
        output(),
      ),
    );

  cli
    .command(
      'reproduce [name]',
      'run the comparisons of our results on the published data: all, a data set, or one of them',
    )
    .option('--data <folder>', 'where the published files are, and are put; default data')
    .option('--quick', 'a size that shows that everything runs, for two cores and 20 minutes')
    .option('--out <folder>', 'where trials and results.md go, or are; default runs/reproduce')
    .option('--quiet', 'print the result only')
    .example('  gfsr reproduce pneumoniamnist --data ../shared/data')
    .action((name?: string | number) =>
      reproduceCommand(
        {
          name: name === undefined ? undefined : String(name),
          data: text('data'),
          quick: cli.options.quick === true,
          out: text('out'),
        },
        output(),
      ),
    );

  cli
    .command('evaluate', 'measure a trained classifier')
    .option('--run <folder>', 'a finished run: every classifier in it, on its own data')
    .option('--weights <file>', 'a weights file (.safetensors) of a run')
    .option('--data <text>', 'data set; default the one it was trained on')
    .option('--split <val|test>', 'which images; default test')
    .option('--ensemble <a,b,…>', 'weights files or runs, one by one and as one')
    .option('--mc-dropout <number>', 'as many passes with dropout on, as one, and their spread')
    .option('--uncertainty', 'temperature scaling and conformal prediction sets too')
    .option('--faithfulness', 'insertion, deletion, ROAD and parameter randomisation too')
    .option('--images <number>', 'test images that --faithfulness takes; default 64')
    .option('--json', 'print JSON')
    .action(() =>
      evaluateCommand(
        {
          ...source(),
          ensemble: text('ensemble'),
          mcDropout: text('mcDropout'),
          data: text('data'),
          split: text('split'),
          faithfulness: cli.options.faithfulness === true,
          uncertainty: cli.options.uncertainty === true,
          images: text('images'),
          json: cli.options.json === true,
        },
        output(),
      ),
    );

  const explain = cli
    .command('explain', 'draw what a trained classifier looks at, over the image')
    .option('--run <folder>', 'a finished run; the guided classifier where there is one')
    .option('--weights <file>', 'a weights file (.safetensors) of a run')
    .option('--image <file.png>', 'an image of the size that it was trained on')
    .option('--data <text>', 'data set; default the one it was trained on')
    .option('--split <train|val|test>', 'where --index counts; default test')
    .option('--index <n,n,…>', 'images of the data set, from 0')
    .option(
      '--target-class <class>',
      'class to explain, by name or number; default the predicted one',
    )
    .option('--out <folder>', 'where the pictures go; default here')
    .action(() =>
      explainCommand(
        {
          ...source(),
          image: text('image'),
          data: text('data'),
          split: text('split'),
          index: text('index'),
          targetClass: text('targetClass'),
          out: text('out'),
          settings: readSettings(flags()),
        },
        output(),
      ),
    );
  addSettingFlags(explain, [
    ...['saliency.source', 'saliency.layer', 'saliency.method', 'saliency.sign'],
    'saliency.integrationSteps',
  ]);

  const data = cli
    .command(
      'data <name>',
      'describe a data set: decoy-mnist (or -cdep, -clean), a MedMNIST .npz file, or a folder with manifest.csv',
    )
    .option('--png <file.png>', 'draw a few train images of each class')
    .example('  gfsr data pneumoniamnist_28.npz --shortcut hair --png sheet.png')
    .action((name: string | number) =>
      dataCommand(
        { source: String(name), png: text('png'), settings: readSettings(flags()) },
        output(),
      ),
    );
  addSettingFlags(data, ['data.side', 'data.shortcut', 'data.shortcutStrength', 'train.seed']);

  cli
    .command(
      'annotations [...files]',
      'say how far several annotators agree, and merge their files',
    )
    .option('--data <text>', 'the data set that they are about')
    .option('--out <file.json>', 'write all of them as one file')
    .example('  gfsr annotations ann.json ben.json --data scans.npz --out both.json')
    .action((files: readonly (string | number)[]) =>
      annotationsCommand(
        { files: files.map(String), data: text('data'), out: text('out') },
        output(),
      ),
    );

  cli
    .command(
      'gradcheck <file>',
      'check the gradients of a relevance loss or function of yours (.ts or .js), to second order',
    )
    .example('  gfsr gradcheck my-loss.ts')
    .action((path: string | number) => gradcheckCommand(String(path), output()));

  cli
    .command('doctor', 'say what this machine has, what is missing and what to do')
    .action(async () => {
      const { lines, ok } = await doctor();
      for (const line of lines) output().result(line);
      return ok ? 0 : 1;
    });

  cli.option('--verbose', 'show the stack trace of an error');
  cli.help();
  cli.version(ownVersion());
  cli.parse(['node', 'gfsr', ...args], { run: false });
  if (cli.options.help || cli.options.version) return 0;
  const command = cli.matchedCommand;
  if (!command) {
    if (cli.args.length === 0) {
      cli.outputHelp();
      return 0;
    }
    const names = cli.commands.map(({ name }) => name);
    throw new RangeError(
      `unknown command ${cli.args[0]}.${didYouMean(cli.args[0], names)} Expected ${names.join(', ')}.`,
    );
  }
  checkFlags(command, flags());
  return cli.runMatchedCommand();
}

/** Says what went wrong in one line; the exit code becomes 1. */
function fail(error: unknown): void {
  process.exitCode = 1;
  if (process.argv.includes('--verbose')) console.error(error);
  const message = error instanceof Error ? error.message : String(error);
  console.error(`gfsr: ${message.trim().replace(/\s*\n\s*/g, ' ')}`);
}

let failed = false;
process.on('unhandledRejection', (error) => {
  // A failure of the GPU may reject several promises that were under way: the first says why.
  if (!failed) fail(error);
  failed = true;
});
process.stdout.on('error', () => {}); // whoever read our lines has gone away
try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  if (!failed) fail(error);
  failed = true;
}
