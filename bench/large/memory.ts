// Runs a command of gfsr, or a program, and writes down its memory every two seconds, by what it is doing. Linux only.
//
//   node --conditions=gfsr-source --import tsx bench/large/memory.ts memory.csv train --data big --epochs 2

import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const EVERY_MS = 2000;
const MIB = 2 ** 20;
const CLI = fileURLToPath(new URL('../../gfsr/cli/main.ts', import.meta.url));

interface Sample {
  readonly seconds: number;
  readonly stage: string;
  /** Resident memory, and the part of it that is no file, in MiB. */
  readonly resident: number;
  readonly anonymous: number;
}

const [file, ...command] = process.argv.slice(2);
const began = performance.now();
const script = command[0]?.endsWith('.ts') ? [] : [CLI];
const child = spawn(process.execPath, [...process.execArgv, ...script, ...command], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const samples: Sample[] = [];
let stage = 'start';
let rest = '';
child.stdout.setEncoding('utf8').on('data', (text: string) => {
  const lines = (rest + text).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) {
    stage = line.trim().slice(0, 80) || stage;
    console.log(`${seconds().toFixed(0).padStart(6)} s  ${line}`);
  }
});
const timer = setInterval(sample, EVERY_MS);
child.on('exit', (code) => {
  clearInterval(timer);
  const rows = samples.map(({ seconds, stage, resident, anonymous }) =>
    [seconds.toFixed(0), JSON.stringify(stage), resident.toFixed(0), anonymous.toFixed(0)].join(),
  );
  writeFileSync(file, `seconds,stage,resident MiB,anonymous MiB\n${rows.join('\n')}\n`);
  summarise();
  process.exitCode = code ?? 1;
});

function seconds(): number {
  return (performance.now() - began) / 1000;
}

function sample(): void {
  try {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    const mib = (name: string) =>
      (Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) * 1024) / MIB;
    const [resident, anonymous] = [mib('VmRSS'), mib('RssAnon')];
    // A process that has just ended has no memory.
    if (resident > 0) samples.push({ seconds: seconds(), stage, resident, anonymous });
  } catch {} // it is gone
}

/** A line per stage: how long, and the least, middle and greatest memory. */
function summarise(): void {
  for (const name of new Set(samples.map((each) => each.stage))) {
    const own = samples.filter((each) => each.stage === name);
    const sizes = own.map(({ resident }) => resident).sort((a, b) => a - b);
    const [least, middle, most] = [0, sizes.length >> 1, sizes.length - 1].map((i) =>
      sizes[i].toFixed(0),
    );
    const took = own[own.length - 1].seconds - own[0].seconds;
    console.log(`${took.toFixed(0).padStart(6)} s  ${least} … ${middle} … ${most} MiB  ${name}`);
  }
}
