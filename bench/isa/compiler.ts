// WGSL to the machine code of GPUs that are not there: Dawn's SPIR-V, compiled by Mesa's RADV on its null device.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One shader to compile. */
export interface Source {
  readonly name: string;
  readonly code: string;
}

/** What the driver says of a shader. */
export interface Compiled {
  readonly scratch: number;
  /** Vector registers that were spilled, and scalar ones. */
  readonly spills: number;
  readonly vgprs: number;
  readonly sgprs: number;
  /** Waves that a SIMD holds at a time. */
  readonly waves: number;
  /** Bytes of workgroup memory. */
  readonly lds: number;
  /** Bytes of machine code. */
  readonly codeSize: number;
  readonly assembly: string;
}

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

const ICD = ['radeon_icd.json', 'radeon_icd.x86_64.json']
  .map((file) => `/usr/share/vulkan/icd.d/${file}`)
  .find((file) => existsSync(file));

const runs = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;

/** The Debian packages that are missing for it; none where all is well. */
export function missingPackages(): string[] {
  return [
    ...(runs('gcc', '--version') ? [] : ['gcc']),
    ...(existsSync('/usr/include/vulkan/vulkan.h') ? [] : ['libvulkan-dev']),
    ...(ICD ? [] : ['mesa-vulkan-drivers']),
    ...(runs('spirv-as', '--version') ? [] : ['spirv-tools']),
  ];
}

/** Compiles shaders once for each of several GPUs. The driver's name of a GPU, such as navi21, is its family. */
export class Compiler {
  readonly #folder = mkdtempSync(join(tmpdir(), 'gfsr-isa-'));
  readonly #names: readonly string[];

  constructor(sources: readonly Source[]) {
    execFileSync('gcc', ['-O1', '-w', '-o', this.#file('compile'), here('compile.c'), '-lvulkan']);
    writeFileSync(this.#file('sources.json'), JSON.stringify(sources));
    const printed = execFileSync(process.execPath, [here('dump.mjs'), this.#file('sources.json')], {
      encoding: 'utf8',
      maxBuffer: 1 << 30,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const texts = new Map(sections(printed));
    this.#names = sources.map(({ name }) => name);
    this.#names.forEach((name, i) => {
      writeFileSync(this.#file(`${i}.spvasm`), spirvOf(texts.get(name) ?? ''));
      const files = ['-o', this.#file(`${i}.spv`), this.#file(`${i}.spvasm`)];
      execFileSync('spirv-as', ['--target-env', 'vulkan1.3', ...files]);
    });
  }

  /** All shaders in order, by name. @throws where the driver does not know the family */
  compile(family: string): Map<string, Compiled> {
    const files = this.#names.map((_, i) => this.#file(`${i}.spv`));
    const { stdout, stderr, status } = spawnSync(this.#file('compile'), files, {
      encoding: 'utf8',
      maxBuffer: 1 << 30,
      env: {
        ...process.env,
        VK_DRIVER_FILES: ICD,
        RADV_FORCE_FAMILY: family,
        MESA_SHADER_CACHE_DISABLE: 'true',
      },
    });
    if (status !== 0) throw new Error(`isa: ${family} does not compile: ${stderr.trim()}`);
    const results = sections(stdout).filter(([name]) => name !== 'code');
    const codes = sections(stdout).filter(([name]) => name === 'code');
    return new Map(
      this.#names.map((name, i) => [name, resultOf(results[i][1], codes[i]?.[1] ?? '')]),
    );
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #file(name: string): string {
    return join(this.#folder, name);
  }
}

/** The parts that begin with a line `@@ <name>`. */
function sections(text: string): [string, string][] {
  return text
    .split(/^@@ /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf('\n');
      return [part.slice(0, end), part.slice(end + 1)];
    });
}

/** SPIR-V alone, without what assemblers of 2023 do not know: how strictly threads meet again after a branch. */
function spirvOf(text: string): string {
  const lines = text.slice(text.lastIndexOf('; SPIR-V')).split('\n');
  return lines
    .filter(
      (line) => /^[;\s%]/.test(line) && !/maximal_reconvergence|MaximallyReconverges/.test(line),
    )
    .join('\n');
}

/** RADV counts waves of 32 lanes on RDNA, which computes 64 at a time as two of them. */
const wavesOf = (counted: number, assembly: string): number =>
  /\bs_delay_alu|_nc_u32/.test(assembly) ? counted / 2 : counted;

function resultOf(statistics: string, assembly: string): Compiled {
  const values = new Map(statistics.split('\n').map((line) => line.split('=') as [string, string]));
  const of = (name: string) => Number(values.get(name) ?? Number.NaN);
  return {
    scratch: of('Scratch size'),
    spills: of('Spilled VGPRs') + of('Spilled SGPRs'),
    vgprs: of('VGPRs'),
    sgprs: of('SGPRs'),
    waves: wavesOf(of('Subgroups per SIMD'), assembly),
    lds: of('LDS size'),
    codeSize: of('Code size'),
    assembly,
  };
}
