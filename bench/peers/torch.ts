// PyTorch on the processor, in a Python process of its own that times itself.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Engine, Numbers, Runner, Work } from './work.ts';

/** Debian's, whose python3-torch is meant. */
const PYTHON = '/usr/bin/python3';
const SERVER = fileURLToPath(new URL('torch_server.py', import.meta.url));

/** @throws Error where Python or PyTorch is missing */
export async function open(): Promise<Engine> {
  if (!existsSync(PYTHON)) throw new Error(`no ${PYTHON}.`);
  const folder = mkdtempSync(join(tmpdir(), 'gfsr-torch-'));
  const child = spawn(PYTHON, [SERVER], { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (text) => {
    complaint += text;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (request: object) => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`Python ended: ${complaint.trim().split('\n').at(-1)}`);
    const answer = JSON.parse(value);
    if (answer.error) throw new Error(answer.error);
    return answer;
  };
  const close = () => {
    child.stdin.end();
    rmSync(folder, { recursive: true, force: true });
  };
  child.stdin.on('error', () => {}); // it ended early: `ask` says so
  let files = 0;
  const save = ({ values, shape }: Numbers) => {
    const file = join(folder, `${files++}.bin`);
    writeFileSync(file, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    return { file, shape };
  };
  const prepare = async (work: Work): Promise<Runner> => {
    const { id } = await ask({ work: withFiles(work, save) });
    const unused = () => {
      throw new Error('torch: it times itself.');
    };
    return {
      run: unused,
      done: unused,
      time: async (runs) => (await ask({ id, runs })).ms,
      result: async () => {
        const file = join(folder, 'result.bin');
        await ask({ id, file });
        return new Float32Array(Uint8Array.from(readFileSync(file)).buffer);
      },
    };
  };
  try {
    const { version, threads } = await ask({});
    return { name: `torch ${version} on the processor, ${threads} threads`, prepare, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** The work with every array in a file. */
function withFiles(work: Work, save: (numbers: Numbers) => object): object {
  if (work.kind !== 'step') return { ...work, operands: work.operands.map(save) };
  const weights = Object.entries(work.weights).map(([name, one]) => [name, save(one)]);
  return {
    ...work,
    weights: Object.fromEntries(weights),
    images: save(work.images),
    labels: save(work.labels),
    ...(work.mask ? { mask: save(work.mask) } : {}),
  };
}
