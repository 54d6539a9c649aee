// `npm run fuzz`: gives damaged files to every reader and damaged requests to the server, and keeps what goes wrong.
// Flags: `--minutes N` or `--count N`, `--seed N`, `--samples <folder>` (also several), `--only <target>`,
// `--keep <folder>`.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Counts, Readers } from './readers.ts';
import { fuzzServer, SERVER } from './server.ts';
import { fileOf, seedsOf, targets } from './targets.ts';

/** Files of one target at a time. */
const BATCH = 250;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    count: { type: 'string' },
    seed: { type: 'string', default: '0' },
    samples: { type: 'string', multiple: true, default: [] },
    only: { type: 'string' },
    keep: { type: 'string', default: 'runs/fuzz' },
  },
});

const number = (flag: string, text: string): number => {
  const value = Number(text);
  if (value >= 0) return value;
  throw new RangeError(`--${flag}: got ${text}, expected a number.`);
};
const seed = number('seed', values.seed);
const most = values.count === undefined ? Infinity : number('count', values.count);
const ends =
  values.count === undefined
    ? performance.now() + 60_000 * number('minutes', values.minutes)
    : Infinity;
const names = [...targets.map(({ name }) => name), SERVER];
const chosen = names.filter((name) => values.only === undefined || name === values.only);
if (chosen.length === 0) {
  throw new RangeError(`--only: got ${values.only}, expected one of ${names.join(', ')}.`);
}

const totals = new Map<string, Counts>(
  chosen.map((name) => [name, { read: 0, refused: 0, fault: 0 }]),
);

/** Keeps a file that went wrong, and what it did. */
function keep(name: string, n: number, content: Uint8Array, message: string): void {
  mkdirSync(values.keep, { recursive: true });
  const path = join(values.keep, `${name.replaceAll(' ', '-')}-${seed}-${n}`);
  writeFileSync(path, content);
  writeFileSync(`${path}.txt`, `${message}\n`);
  console.log(`FAULT ${name} ${n}: ${message.slice(0, 400)}\n  kept as ${path}`);
}

async function fuzzTarget(readers: Readers, name: string, from: number): Promise<Counts> {
  const batch = { target: name, seed, folders: values.samples, from, to: from + BATCH };
  const faults: [n: number, message: string][] = [];
  const counts = await readers.run(batch, (n, message) => faults.push([n, message]));
  if (faults.length === 0) return counts;
  const target = targets.find((each) => each.name === name) as (typeof targets)[number];
  const seeds = await seedsOf(target, values.samples);
  for (const [n, message] of faults) keep(name, n, fileOf(target, seeds, seed, n), message);
  return counts;
}

const readers = new Readers();
let done = 0;
for (let from = 0; done < most && performance.now() < ends; from += BATCH) {
  for (const name of chosen) {
    if (done >= most || performance.now() >= ends) break;
    const counts =
      name === SERVER
        ? await fuzzServer(seed, from, BATCH, (n, request, message) =>
            keep(name, n, request, message),
          )
        : await fuzzTarget(readers, name, from);
    const total = totals.get(name) as Counts;
    for (const kind of ['read', 'refused', 'fault'] as const) total[kind] += counts[kind];
    done += BATCH;
  }
}
readers.end();

console.log(`\n${'target'.padEnd(28)}${'read'.padStart(9)}${'refused'.padStart(9)}  faults`);
for (const [name, { read, refused, fault }] of totals) {
  console.log(
    `${name.padEnd(28)}${String(read).padStart(9)}${String(refused).padStart(9)}  ${fault}`,
  );
}
const faults = [...totals.values()].reduce((sum, { fault }) => sum + fault, 0);
console.log(`\n${done} mutations of seed ${seed}, ${faults} faults`);
process.exitCode = faults > 0 ? 1 : 0;
