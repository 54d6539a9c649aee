// Several kernels in one launch: each keeps its text and its arithmetic, and gets a range of the workgroups.

import {
  defineKernel,
  foldGrid,
  type Kernel,
  type KernelArgs,
  type Scalar,
  type Workgroups,
} from './kernel.ts';

const HEAD = new RegExp(
  '@compute @workgroup_size\\((\\d+)\\)\\s*' +
    'fn main\\(@builtin\\(workgroup_id\\) (\\w+): vec3u, @builtin\\(num_workgroups\\) (\\w+): vec3u,\\s*' +
    '@builtin\\(local_invocation_index\\) (\\w+): u32\\)',
);

/** Threads of a workgroup, for a kernel that can share a launch with others that have as many. */
export function mergeableSize({
  bulky = false,
  subgroups = false,
  wgsl,
}: Kernel): number | undefined {
  const head = bulky || subgroups ? undefined : HEAD.exec(wgsl);
  return head ? Number(head[1]) : undefined;
}

/** A kernel of a merged launch, and its numbers. */
export interface Part {
  readonly kernel: Kernel;
  readonly args: KernelArgs;
  readonly workgroups: Workgroups;
}

/** What the parts' bindings, params and constants are called in the merged kernel: those of part 1 end in `_p1`. */
const partName = (name: string, part: number): string => `${name}_p${part}`;

const suffixed = <T>(record: Readonly<Record<string, T>>, part: number): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [partName(name, part), value]));

/** What a merged launch says of each part's workgroups: params that no kernel may have for itself. */
export const GRID = ['across', 'down', 'deep'] as const;

/** One kernel that does the work of all parts, which must have one `mergeableSize`; `mergeArgs` gives its numbers. */
export function mergeKernels(kernels: readonly Kernel[]): Kernel {
  const grid = Object.fromEntries(GRID.map((name) => [name, 'u32' as Scalar]));
  const each = <T>(records: (kernel: Kernel) => Readonly<Record<string, T>>): Record<string, T> =>
    Object.assign({}, ...kernels.map((kernel, part) => suffixed(records(kernel), part)));
  return defineKernel({
    label: kernels.map(({ label }) => label).join(' + '),
    bindings: each(({ bindings }) => bindings),
    params: each(({ params }) => ({ ...params, ...grid })),
    constants: each(({ constants }) => constants),
    workgroups: (args) =>
      foldGrid(
        kernels.reduce(
          (sum, _, part) =>
            sum + GRID.reduce((count, name) => count * args[partName(name, part)], 1),
          0,
        ),
      ),
    wgsl: `${kernels.map(bodyOf).join('\n')}
@compute @workgroup_size(${mergeableSize(kernels[0])})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  var number = group.x + group.y * groups.x;
${kernels.map((_, part) => callOf(part)).join('\n')}
}
`,
  });
}

/** The numbers of all parts, and how many workgroups each of them has. */
export const mergeArgs = (parts: readonly Part[]): KernelArgs =>
  Object.assign(
    {},
    ...parts.map(({ args, workgroups: [across, down, deep] }, part) =>
      suffixed({ ...args, across, down, deep }, part),
    ),
  );

/** Workgroups are told apart by numbers that all threads of one share, so that a part may have barriers. */
function callOf(part: number): string {
  const of = (name: string) => `params.${partName(name, part)}`;
  return /* wgsl */ `
  {
    let grid = vec3u(${GRID.map(of).join(', ')});
    let count = grid.x * grid.y * grid.z;
    if (number < count) {
      let row = number / grid.x;
      ${partName('main', part)}(vec3u(number - row * grid.x, row % grid.y, row / grid.y), grid, lane);
      return;
    }
    number -= count;
  }`;
}

const DECLARED = /\b(?:fn|struct|alias|const|var<\w+>)\s+(\w+)/g;
const STRUCT = /\bstruct\s+\w+\s*\{[^}]*\}/g;

/** The text of a kernel, with names of its own for everything that it declares, and an entry that is a function. */
function bodyOf({ wgsl, bindings, constants }: Kernel, part: number): string {
  const names = new Set([
    ...Object.keys(bindings),
    ...Object.keys(constants),
    ...[...wgsl.matchAll(DECLARED)].map(([, name]) => name),
  ]);
  const rename = (text: string, fields: boolean): string =>
    text
      .replace(/\bparams\.(\w+)/g, (_, name) => `params.${partName(name, part)}`)
      .replace(fields ? /(?<![.\w])[A-Za-z_]\w*(?!\w|\s*:)/g : /(?<![.\w])[A-Za-z_]\w*/g, (name) =>
        names.has(name) ? partName(name, part) : name,
      );
  const entry = wgsl.replace(HEAD, 'fn main($2: vec3u, $3: vec3u, $4: u32)');
  const structs = entry.match(STRUCT) ?? [];
  return entry
    .split(STRUCT)
    .map((text, i) => rename(text, false) + (structs[i] ? rename(structs[i], true) : ''))
    .join('');
}
