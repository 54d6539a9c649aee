// Packs Node, the compiled project and the Vulkan loader into a folder that runs offline on another Linux machine.
import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { isNeeded, packagesFor, sizeLine } from './bundle-plan.mjs';

const LIMIT_MIB = 60;
const LIBRARIES = '/usr/lib/x86_64-linux-gnu';
/** What lib/ takes from this machine: by folder, the libraries and the Debian package whose licence they have. */
const LOADER = { folder: 'vulkan', files: ['libvulkan.so.1'], packages: ['libvulkan1'] };
const CPP = {
  folder: 'cpp',
  files: ['libstdc++.so.6', 'libgcc_s.so.1'],
  packages: ['libstdc++6', 'libgcc-s1'],
};
/** For machines with NVIDIA's libraries but without the file that registers them with the Vulkan loader. */
const NVIDIA = { glx: 'libGLX_nvidia.so.0', egl: 'libEGL_nvidia.so.0' };

const root = fileURLToPath(new URL('..', import.meta.url));

try {
  bundle(parseArgs({ options: { out: { type: 'string' } } }).values.out);
} catch (error) {
  console.error(`bundle: ${error.message}`);
  process.exitCode = 1;
}

function bundle(out) {
  if (!out) throw new Error('no folder given. Run: npm run bundle -- --out <folder>');
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`it is made on linux x64, got ${process.platform} ${process.arch}.`);
  }
  const folder = resolve(out);
  if (fs.existsSync(folder) && fs.readdirSync(folder).length > 0) {
    throw new Error(`${out} is not empty. Name a folder that is, or is not there.`);
  }
  // Complete or not there at all.
  const draft = `${folder}.part`;
  fs.rmSync(draft, { recursive: true, force: true });
  try {
    const parts = fill(draft);
    console.log(`bundle: ${sizeLine(parts, LIMIT_MIB)}`);
    fs.rmSync(folder, { recursive: true, force: true });
    fs.renameSync(draft, folder);
  } finally {
    fs.rmSync(draft, { recursive: true, force: true });
  }
  console.log(`bundle: copy ${out} to the other machine and run ./run.sh test, ./run.sh bench`);
}

/** Writes everything; returns `[name, bytes]` of each part. */
function fill(folder) {
  const app = join(folder, 'app');
  const bin = join(folder, 'bin');
  fs.mkdirSync(bin, { recursive: true });
  compile(app);
  copyPackages(app);
  packNode(bin);
  addLibraries(folder);
  for (const name of ['run.sh', 'README.txt']) {
    fs.copyFileSync(join(root, 'scripts', 'bundle', name), join(folder, name));
  }
  const packages = join(app, 'node_modules');
  const dawn = bytesIn(join(packages, 'webgpu'));
  return [
    ['Node, compressed', bytesIn(bin)],
    ['Dawn', dawn],
    ['other packages', bytesIn(packages) - dawn],
    ['GFSR', bytesIn(app) - bytesIn(packages)],
    ['libraries', bytesIn(join(folder, 'lib'))],
    [
      'the rest',
      bytesIn(join(folder, 'licenses')) +
        bytesOf(join(folder, 'run.sh'), join(folder, 'README.txt')),
    ],
  ];
}

function compile(app) {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  run(process.execPath, [tsc, '-p', join(root, 'tsconfig.bundle.json'), '--outDir', app]);
  const goldens = join('tests', 'goldens');
  for (const name of fs.readdirSync(join(root, goldens)).filter((name) => name.endsWith('.json'))) {
    fs.copyFileSync(join(root, goldens, name), join(app, goldens, name));
  }
  const { name, version, license, type } = readJson('package.json');
  fs.writeFileSync(join(app, 'package.json'), JSON.stringify({ name, version, license, type }));
  fs.writeFileSync(join(app, 'COMMIT'), `${commit()}\n`);
  fs.copyFileSync(join(root, 'LICENSE'), join(app, 'LICENSE'));
}

function copyPackages(app) {
  const names = [...Object.keys(readJson('package.json').dependencies), 'webgpu', 'uvu'];
  for (const path of packagesFor(names, readJson('package-lock.json'))) {
    const source = join(root, path);
    fs.cpSync(source, join(app, path), {
      recursive: true,
      filter: (file) => file === source || isNeeded(relative(source, file)),
    });
  }
  strip(join(app, 'node_modules/webgpu/dist/linux-x64/dawn.node'));
}

function packNode(bin) {
  const node = join(bin, 'node');
  fs.copyFileSync(process.execPath, node);
  strip(node);
  // Reproducible: without a name and a time in it.
  fs.writeFileSync(`${node}.gz`, gzipSync(fs.readFileSync(node), { level: 9 }));
  fs.rmSync(node);
  const license = ['/usr/share/doc/nodejs/LICENSE', join(dirname(process.execPath), '../LICENSE')];
  addLicense(dirname(bin), 'node', license);
}

/** Removes symbols that only a debugger reads: 12 MiB of Node, 4 of Dawn. Without binutils they stay. */
function strip(file) {
  const { error } = spawnSync('strip', [file]);
  if (error) console.log(`bundle: no \`strip\` here, ${basename(file)} stays as large as it is.`);
}

function addLibraries(folder) {
  for (const { folder: name, files, packages } of [LOADER, CPP]) {
    const target = join(folder, 'lib', name);
    fs.mkdirSync(target, { recursive: true });
    for (const file of files) {
      const source = join(LIBRARIES, file);
      if (!fs.existsSync(source)) {
        console.log(`bundle: no ${source} here: the other machine must have its own.`);
        continue;
      }
      fs.copyFileSync(source, join(target, file));
    }
    for (const name of packages) addLicense(folder, name, [`/usr/share/doc/${name}/copyright`]);
  }
  for (const [name, library] of Object.entries(NVIDIA)) {
    const icd = {
      file_format_version: '1.0.0',
      ICD: { library_path: library, api_version: '1.3.0' },
    };
    fs.writeFileSync(join(folder, 'lib', `nvidia-${name}.json`), JSON.stringify(icd));
  }
}

function addLicense(folder, name, places) {
  const source = places.find((place) => fs.existsSync(place));
  if (!source)
    return console.log(
      `bundle: found no licence text of ${name}; add it before passing the bundle on.`,
    );
  fs.mkdirSync(join(folder, 'licenses'), { recursive: true });
  fs.copyFileSync(source, join(folder, 'licenses', `${name}.txt`));
}

/** What a result says that it measured. */
function commit() {
  const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  return git('rev-parse', 'HEAD') + (git('status', '--porcelain', '-uno') ? '+changes' : '');
}

function run(file, args) {
  const { status, error, stdout, stderr } = spawnSync(file, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0)
    throw new Error(`${args.join(' ')} failed: ${error?.message ?? stdout + stderr}`);
}

function readJson(name) {
  return JSON.parse(fs.readFileSync(join(root, name), 'utf8'));
}

function bytesOf(...files) {
  return files.reduce((sum, file) => sum + fs.statSync(file).size, 0);
}

function bytesIn(folder) {
  const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  return bytesOf(
    ...entries.filter((e) => e.isFile()).map((e) => join(e.parentPath ?? e.path, e.name)),
  );
}
