// Compiles the library, the command line and the marking page into dist/, with all that they read beside their code.
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** The comparisons that `gfsr reproduce` knows by name, and the marks that some of them use. */
const READ = ['gfsr/compare/configs', 'gfsr/annotations'];

/** Runs a program of node_modules. @returns whether it succeeded */
function run(program, ...args) {
  const file = join(root, 'node_modules', ...program.split('/'));
  const options = { cwd: root, stdio: 'inherit' };
  return spawnSync(process.execPath, [file, ...args], options).status === 0;
}

rmSync(join(root, 'dist'), { recursive: true, force: true });
// Vite empties its folder, so the declarations of the studio come after it.
const isBuilt =
  run('vite/bin/vite.js', 'build', 'studio', '--logLevel', 'error') &&
  run('typescript/bin/tsc', '-p', 'tsconfig.build.json');
if (isBuilt) {
  for (const folder of READ) {
    cpSync(join(root, folder), join(root, 'dist', folder), {
      recursive: true,
      filter: (path) => !path.endsWith('.ts'),
    });
  }
}
process.exitCode = isBuilt ? 0 : 1;
