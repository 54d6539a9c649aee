// The package as a user gets it: packed from a copy of the working tree and unpacked into a separate project.

import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import { sharedFolder } from './shared.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What the build does not read. */
const LEFT_OUT = /^(\.git|node_modules|dist|build|runs|tests|bench|data|mine)$/;

export interface Installed {
  readonly tarball: string;
  /** Paths in the tarball, below the package's folder. */
  readonly files: readonly string[];
  /** A project that has the package in node_modules. */
  readonly project: string;
  /** Writes a file of the project; returns its path. */
  write(name: string, text: string): string;
}

/**
 * Packs, and installs into a temporary project, removed after the last test.
 *
 * @param packages what the project has installed besides the package and its dependencies
 */
export function installPackage(packages: readonly string[] = []): Installed {
  const folder = mkdtempSync(join(tmpdir(), 'gfsr-package-'));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  const tarball = packed();
  const project = join(folder, 'project');
  const modules = join(project, 'node_modules');
  mkdirSync(modules, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', modules]);
  // npm names the folder in a tarball "package".
  cpSync(join(modules, 'package'), join(modules, 'gfsr'), { recursive: true });
  rmSync(join(modules, 'package'), { recursive: true });
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const name of [...Object.keys(dependencies), ...packages]) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }');
  const list = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' });
  return {
    tarball,
    files: list
      .split('\n')
      .filter((path) => path !== '' && !path.endsWith('/'))
      .map((path) => path.replace(/^package\//, '')),
    project,
    write(name, text) {
      const path = join(project, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      return path;
    },
  };
}

function packed(): string {
  const folder = sharedFolder('package', pack);
  const [name] = readdirSync(folder).filter((each) => each.endsWith('.tgz'));
  return join(folder, name);
}

/** Packs a copy, because packing rebuilds `dist/`, and other tests run at the same time. */
function pack(folder: string): void {
  const copy = join(folder, 'source');
  cpSync(root, copy, {
    recursive: true,
    filter: (path) => !LEFT_OUT.test(relative(root, path)),
  });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const at = { cwd: copy, encoding: 'utf8', shell: process.platform === 'win32' } as const;
  // The same as `prepack`, but without its set-up, which may install packages through the link.
  for (const script of ['build', 'docs']) {
    execFileSync(process.execPath, [`scripts/${script}.mjs`], { ...at, shell: false });
  }
  const options = ['--silent', '--ignore-scripts', '--pack-destination', folder];
  execFileSync('npm', ['pack', ...options], at);
}
