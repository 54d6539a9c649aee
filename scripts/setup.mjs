// Makes a fresh clone ready to run: the locked npm packages and a WebGPU adapter; a second run only checks a stamp.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { aptArchives, backportsSource, driverPlan, isInstalled, parseOsRelease } from './setup-plan.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const lockFile = join(root, 'package-lock.json');
const stampFile = join(root, 'node_modules', '.gfsr-setup.json');
const verbose = process.env.GFSR_SETUP_VERBOSE === '1';

try {
  checkNode();
  const packages = packagesKey();
  const stamp = readJson(stampFile) ?? {};
  if (stamp.packages !== packages) installPackages();
  const drivers = driverFiles();
  const isKnown = stamp.packages === packages && stamp.drivers === drivers.join('\n');
  detail(isKnown ? `packages and adapter as stamped (${stamp.adapter})` : 'looking for an adapter');
  if (!isKnown) {
    const adapter = findAdapter() ?? installDriver();
    writeStamp({ packages, drivers: driverFiles().join('\n'), adapter });
  }
} catch (error) {
  console.error(verbose ? error : `setup: ${error.message}`);
  process.exitCode = 1;
}

function checkNode() {
  if (Number(process.versions.node.split('.')[0]) >= 20) return;
  throw new Error(`Node ${process.versions.node} is too old. Install Node 20 or later (nodejs.org).`);
}

/** What the installed packages depend on: the lock file and the platform that native builds are for. */
function packagesKey() {
  const hash = createHash('sha256').update(fs.readFileSync(lockFile)).digest('hex');
  return `${hash} ${process.platform} ${process.arch}`;
}

function installPackages() {
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'));
  if (installed && isInstalled(readJson(lockFile), installed, process)) {
    return detail('node_modules is as locked');
  }
  say('installing the locked npm packages …');
  // None of them needs an install script; without --include an `omit` in someone's npmrc would drop build tools.
  run('npm ci --ignore-scripts --include=dev --include=optional', [], {
    shell: true,
    failure: '`npm ci` failed. Check the connection to the npm registry, then run the same command again.',
  });
}

/** The name of the adapter, or undefined where this machine has none. */
function findAdapter() {
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'engine/probe.ts'],
    { cwd: root, encoding: 'utf8', timeout: 60_000, killSignal: 'SIGKILL' },
  );
  detail(`${stdout}${stderr}`.trim());
  if (status !== 0) {
    throw new Error(
      `the graphics driver ended with ${signal ?? `exit ${status}`} when asked for a WebGPU adapter. Update it, or choose the processor: export VK_DRIVER_FILES=/usr/share/vulkan/icd.d/lvp_icd.json`,
    );
  }
  const result = JSON.parse(stdout);
  if (result.code === 'GFSR_NO_ADAPTER') return undefined;
  if (!result.ok) throw new Error(result.message);
  const { description, device, isSoftware } = result.adapter;
  const name = description || device;
  say(`adapter: ${name}${isSoftware ? ' (no GPU: the processor computes, which is slow)' : ''}`);
  return name;
}

/** Brings Mesa's software Vulkan driver by apt, and returns the name of the adapter it makes. */
function installDriver() {
  const osRelease = parseOsRelease(readText('/etc/os-release') ?? '');
  const plan = driverPlan({ platform: process.platform, arch: process.arch, osRelease });
  const missing = 'no WebGPU adapter found.';
  if (plan.advice) throw new Error(`${missing} ${plan.advice}`);
  const asRoot = rootPrefix();
  if (!asRoot) throw new Error(`${missing} Run once as root, for Mesa's driver: ${rootCommand()}`);

  const from = plan.backports ? ` from ${plan.backports}` : '';
  say(`${missing} Installing ${plan.packages.join(' and ')}${from} with apt …`);
  const sources = fs.mkdtempSync(join(tmpdir(), 'gfsr-apt-'));
  try {
    const apt = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-y'];
    apt.push('-o', 'DPkg::Lock::Timeout=300', ...backportsOptions(plan.backports, sources));
    // A broken source of someone else's must not stop us: where the update matters, the install fails.
    const update = run([...apt, 'update'], { mayFail: true });
    const target = plan.backports ? ['-t', plan.backports] : [];
    const install = [...apt, 'install', '--no-install-recommends', '--no-remove', ...target];
    run([...install, ...plan.packages], {
      before: update,
      failure: `apt-get could not install ${plan.packages.join(' and ')}. Check the output above, then run the same command again.`,
    });
  } finally {
    fs.rmSync(sources, { recursive: true, force: true });
  }
  const adapter = findAdapter();
  if (adapter) return adapter;
  throw new Error(`${missing} The driver was installed, yet WebGPU refuses it: see node scripts/setup.mjs with GFSR_SETUP_VERBOSE=1.`);
}

/** Options that let this one apt run see backports, leaving the machine's own sources as they are. */
function backportsOptions(suite, folder) {
  const parts = '/etc/apt/sources.list.d';
  const names = fs.existsSync(parts) ? fs.readdirSync(parts) : [];
  const files = ['/etc/apt/sources.list', ...names.map((name) => join(parts, name))];
  const texts = files.map((name) => ({ name, text: readText(name) ?? '' }));
  const source = suite && backportsSource(aptArchives(texts), suite);
  if (!source) return [];
  detail(source);
  fs.chmodSync(folder, 0o755);
  for (const name of names) fs.copyFileSync(join(parts, name), join(folder, name));
  fs.writeFileSync(join(folder, 'gfsr-backports.sources'), source);
  return ['-o', `Dir::Etc::sourceparts=${folder}`];
}

/** What makes a command run as root, or undefined where this user may not without a password. */
function rootPrefix() {
  if (process.getuid() === 0) return [];
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : undefined;
}

function rootCommand() {
  const command = `${process.execPath} ${relative(process.cwd(), fileURLToPath(import.meta.url))}`;
  const hasSudo = !spawnSync('sudo', ['-V'], { stdio: 'ignore' }).error;
  return hasSudo ? `sudo ${command}` : `su -c '${command}'`;
}

/** The Vulkan loader and drivers of this machine: where they change, the adapter is looked for again. */
function driverFiles() {
  if (process.platform !== 'linux') return [];
  const { env } = process;
  const data = ['/usr/share', '/usr/local/share', '/etc', env.XDG_DATA_HOME || join(homedir(), '.local/share')];
  const folders = data.map((folder) => join(folder, 'vulkan/icd.d'));
  const libraries = ['/usr/lib', '/usr/lib64', '/usr/local/lib', `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`];
  const found = [
    ...libraries.map((folder) => join(folder, 'libvulkan.so.1')),
    ...folders.flatMap((folder) => (fs.existsSync(folder) ? fs.readdirSync(folder).map((name) => join(folder, name)) : [])),
  ].filter((file) => fs.existsSync(file));
  const chosen = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES', 'VK_ADD_DRIVER_FILES'].map((name) => env[name]);
  return [...found.map((file) => `${file} ${fs.statSync(file).mtimeMs}`), ...chosen.filter(Boolean)];
}
