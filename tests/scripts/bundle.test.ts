// What a portable bundle takes along, when it is too large, and what its run.sh sets up before it starts Node.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
// @ts-expect-error: plain JavaScript without types, like the script that it belongs to.
import * as plan from '../../scripts/bundle-plan.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

test('takes the packages that are imported, what those import, and no types', () => {
  const lock = {
    packages: {
      'node_modules/a': { dependencies: { b: '1', '@types/node': '1' } },
      'node_modules/a/node_modules/b': { dependencies: { c: '1' } },
      'node_modules/b': {},
      'node_modules/c': { dependencies: { a: '1' } },
      'node_modules/d': {},
    },
  };
  const found = ['node_modules/a', 'node_modules/a/node_modules/b', 'node_modules/c'];
  assert.equal(plan.packagesFor(['a'], lock), found);
  assert.throws(() => plan.packagesFor(['e'], lock), /e is not in package-lock.json/);
});

test('the real lock file has all that the bundle imports', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const found = plan.packagesFor(['webgpu', 'uvu'], lock);
  for (const name of ['webgpu', 'uvu', 'kleur']) assert.ok(found.includes(`node_modules/${name}`));
});

test('of a package it takes what runs on this platform, and the licence', () => {
  for (const path of [
    'index.js',
    'package.json',
    'LICENSE',
    'LICENSE.md',
    'license',
    'dist',
    'dist/linux-x64',
    'dist/linux-x64/dawn.node',
    'dist/index.mjs',
    'assert/index.mjs',
  ]) {
    assert.ok(plan.isNeeded(path), path);
  }
  for (const path of [
    'index.d.ts',
    'dist/index.js.map',
    'readme.md',
    'docs/a.js',
    'test',
    'dist/linux-arm64/dawn.node',
    'dist/darwin-universal',
    'dist/win32-x64/d3dcompiler_47.dll',
  ]) {
    assert.not(plan.isNeeded(path), path);
  }
});

test('says what takes the space, and refuses too much of it', () => {
  const parts = [
    ['small', 2 ** 19],
    ['large', 3 * 2 ** 20],
  ];
  assert.is(plan.sizeLine(parts, 4), '3.5 MiB of at most 4: large 3.0, small 0.5');
  assert.throws(() => plan.sizeLine(parts, 3), 'too large, 3.5 MiB of at most 3: large 3.0');
});

/**
 * A bundle whose Node is a shell script that says how it was called, on a machine whose linker knows some libraries.
 */
function runScript(args: string[], libraries: string[], env: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'gfsr bundle-'));
  try {
    for (const name of ['bin', 'tools']) mkdirSync(join(folder, name));
    copyFileSync(join(root, 'scripts/bundle/run.sh'), join(folder, 'run.sh'));
    const said =
      '#!/bin/sh\nprintf "%s|" "$@"; echo; echo "$LD_LIBRARY_PATH"; echo "$VK_ADD_DRIVER_FILES"\n';
    writeFileSync(join(folder, 'bin/node.gz'), gzipSync(said));
    const known = libraries.map((name) => `\t${name} (libc6,x86-64) => /lib/${name}\n`).join('');
    writeFileSync(join(folder, 'tools/ldconfig'), `#!/bin/sh\nprintf '%s' '${known}'\n`);
    chmodSync(join(folder, 'tools/ldconfig'), 0o755);
    const { status, stdout, stderr } = spawnSync('/bin/sh', [join(folder, 'run.sh'), ...args], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: `${join(folder, 'tools')}:/usr/bin:/bin`, HOME: folder, ...env },
    });
    const [called = '', path = '', drivers = ''] = stdout.replaceAll(folder, '.').split('\n');
    const unpacked = existsSync(join(folder, 'bin/node')) && readdirSync(join(folder, 'bin'));
    return { status, stderr, called: called.split('|').slice(0, -1), path, drivers, unpacked };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const SYSTEM = ['libstdc++.so.6', 'libvulkan.so.1'];

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.log('skipped: run.sh is for Linux x86-64');
  test.skip('run.sh', () => {});
} else {
  test('run.sh unpacks Node once and starts the tests, with the system’s own libraries', () => {
    const { status, called, path, unpacked } = runScript(['test', 'goldens'], SYSTEM);
    assert.is(status, 0);
    assert.equal(called, ['./app/tests/run.js', '--jobs', '1', '--timeout', '1800', 'goldens']);
    assert.is(path, '');
    assert.equal(unpacked, ['node', 'node.gz']);
  });

  test('run.sh brings the libraries that the system lacks, after those that the user names', () => {
    assert.is(runScript(['test'], ['libstdc++.so.6']).path, './lib/vulkan');
    const env = { LD_LIBRARY_PATH: '/mine' };
    assert.is(runScript(['test'], [], env).path, '/mine:./lib/cpp:./lib/vulkan');
  });

  test('run.sh tells the loader of an NVIDIA driver that no file names, unless the user chose one', () => {
    const drivers = (libraries: string[], env = {}) =>
      runScript(['test'], [...SYSTEM, ...libraries], env).drivers;
    const [glx, egl] = ['libGLX_nvidia.so.0', 'libEGL_nvidia.so.0'];
    assert.is(drivers([glx, egl, 'libXext.so.6']), './lib/nvidia-glx.json');
    assert.is(drivers([glx, egl]), './lib/nvidia-egl.json');
    assert.is(drivers([]), '');
    assert.is(drivers([egl], { VK_DRIVER_FILES: '/mine.json' }), '');
  });

  test('run.sh gives a benchmark a file to write, unless it has one or writes none', () => {
    const bench = (...args: string[]) => runScript(['bench', ...args], SYSTEM).called.slice(1);
    assert.match(bench('--quick').join(' '), /^--quick --out \.\/result-\d{8}-\d{6}\.json$/);
    assert.match(bench().join(' '), /^--out \.\/result-/);
    assert.equal(bench('--only', 'conv 3×3', '--out', 'x.json'), [
      '--only',
      'conv 3×3',
      '--out',
      'x.json',
    ]);
    assert.equal(bench('compare', 'a.json', 'b.json'), ['compare', 'a.json', 'b.json']);
  });

  test('run.sh explains itself when the command is missing or wrong', () => {
    for (const args of [[], ['tset']]) {
      const { status, stderr, unpacked } = runScript(args, SYSTEM);
      assert.is(status, 2);
      assert.match(stderr, './run.sh bench');
      assert.not(unpacked);
    }
  });
}

test('bundle.mjs wants an empty folder', () => {
  const fails = (...args: string[]) => {
    const script = join(root, 'scripts/bundle.mjs');
    try {
      execFileSync(process.execPath, [script, ...args], { encoding: 'utf8', stdio: 'pipe' });
      return '';
    } catch (error) {
      return (error as { stderr: string }).stderr;
    }
  };
  assert.match(fails(), 'bundle: no folder given. Run: npm run bundle -- --out <folder>');
  if (process.platform === 'linux' && process.arch === 'x64') {
    assert.match(fails('--out', root), 'is not empty');
  }
});

test.run();
