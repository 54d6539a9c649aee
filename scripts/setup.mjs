// Makes a fresh clone ready to run: the locked npm packages and a WebGPU adapter; a second run only checks a stamp.
// With --packages it leaves the adapter alone: enough to build and pack. With --try it goes on without one: `doctor`
// is needed just then. It asks before it changes the system; GFSR_SETUP=yes or no answers.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  aptArchives,
  backportsSource,
  driverPlan,
  gpuMakers,
  isInstalled,
  mayChange,
  parseOsRelease,
  plannedChanges,
  undoCommand,
} from './setup-plan.mjs';

const self = fileURLToPath(import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));
const lockFile = join(root, 'package-lock.json');
const stampFile = join(root, 'node_modules', '.gfsr-setup.json');
const verbose = process.env.GFSR_SETUP_VERBOSE === '1';

/** There is no adapter: commands that compute nothing can run all the same. */
class AdapterError extends Error {}

try {
  setUp();
} catch (error) {
  console.error(verbose ? error : `setup: ${error.message}`);
  const isEnough = error instanceof AdapterError && process.argv.includes('--try');
  process.exitCode = isEnough ? 0 : 1;
}

function setUp() {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    throw new Error(`Node ${process.versions.node} is too old: install Node 20 or later.`);
  }
  const packages = packagesKey();
  const stamp = readJson(stampFile) ?? {};
  if (stamp.packages !== packages) installPackages();
  if (process.argv.includes('--packages')) return;
  if (stamp.packages === packages && stamp.drivers === driversKey()) {
    return detail(`packages and adapter are as stamped: ${stamp.adapter}`);
  }
  const adapter = findAdapter() ?? installDriver();
  writeStamp({ packages, drivers: driversKey(), adapter });
}

/** What installed packages depend on: the lock file, and the platform that native builds are for. */
function packagesKey() {
  const hash = createHash('sha256').update(fs.readFileSync(lockFile)).digest('hex');
  return `${hash} ${process.platform} ${process.arch}`;
}

/** The Vulkan loader and drivers of this machine: if they change, the adapter is searched for again. */
function driversKey() {
  if (process.platform !== 'linux') return '';
  const { env, arch } = process;
  const triplet = `${arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;
  const libraries = [`/usr/lib/${triplet}`, '/usr/lib64', '/usr/lib', '/usr/local/lib'];
  const local = env.XDG_DATA_HOME || join(homedir(), '.local/share');
  const data = ['/usr/share', '/usr/local/share', '/etc', local];
  const files = [
    ...libraries.map((folder) => join(folder, 'libvulkan.so.1')).filter(fs.existsSync),
    ...data.flatMap((folder) => filesIn(join(folder, 'vulkan', 'icd.d'))),
  ].map((file) => `${file} ${fs.statSync(file).mtimeMs}`);
  return [...files, env.VK_DRIVER_FILES, env.VK_ICD_FILENAMES].filter(Boolean).join('\n');
}

function installPackages() {
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'));
  if (installed && isInstalled(readJson(lockFile), installed, process)) {
    return detail('node_modules is as locked');
  }
  say('installing the locked npm packages …');
  // No package here needs an install script. Neither an `omit` in someone's npmrc nor `npm pack --dry-run`, which runs
  // this, may keep the build tools away.
  const command = 'npm ci --ignore-scripts --include=dev --include=optional --no-dry-run';
  const { ok, output } = run(command, [], { shell: true });
  if (ok) return;
  console.error(output);
  throw new Error(
    '`npm ci` failed, see above. Check the way to the npm registry and run this again.',
  );
}

/** The name of this machine's adapter, or undefined where it has none. */
function findAdapter() {
  // A child, because a broken driver crashes or hangs the process that opens it.
  const { ok, how, stdout, output } = run(
    process.execPath,
    ['--import', 'tsx', 'engine/probe.ts'],
    {
      timeout: 60_000,
      killSignal: 'SIGKILL',
    },
  );
  if (!ok) {
    console.error(output);
    throw new AdapterError(
      `the search for a WebGPU adapter ended with ${how}. Update the graphics driver, or let the processor compute: export VK_DRIVER_FILES=/usr/share/vulkan/icd.d/lvp_icd.json`,
    );
  }
  const result = JSON.parse(stdout);
  if (result.code === 'GFSR_NO_ADAPTER') return undefined;
  if (!result.ok) {
    // Where the package has no build, its own error says nothing of what to do.
    const { advice } = ownPlan();
    throw new AdapterError(advice ? `${advice} (${result.message})` : result.message);
  }
  const { description, device, isSoftware } = result.adapter;
  const name = description || device;
  say(`adapter: ${name}${isSoftware ? ' (no GPU: the processor computes, slowly)' : ''}`);
  return name;
}

/** What this system needs for an adapter. */
function ownPlan() {
  const osRelease = parseOsRelease(readText('/etc/os-release') ?? '');
  return driverPlan(process.platform, process.arch, osRelease);
}

/** Brings Mesa's software Vulkan driver with apt; returns the name of the adapter it makes. */
function installDriver() {
  const { VK_DRIVER_FILES: chosen = process.env.VK_ICD_FILENAMES } = process.env;
  if (chosen) {
    throw new AdapterError(
      `no WebGPU adapter found among the drivers VK_DRIVER_FILES names (${chosen}). Unset it.`,
    );
  }
  const { packages, backports, advice } = ownPlan();
  if (advice) throw new AdapterError(`no WebGPU adapter found. ${advice}`);
  const asRoot = rootPrefix();
  if (!asRoot) {
    throw new AdapterError(
      `no WebGPU adapter found. To install Mesa's driver, run once: ${rootCommand()}`,
    );
  }
  const names = packages.join(' ');
  sayPlan(names, backports, asRoot.length > 0);
  const folder = fs.mkdtempSync(join(tmpdir(), 'gfsr-apt-'));
  try {
    install(packages, {
      command: [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-y'],
      options: ['-o', 'DPkg::Lock::Timeout=300', ...backportsOptions(backports, folder)],
      target: backports ? ['-t', backports] : [],
    });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  const adapter = findAdapter();
  if (adapter) return adapter;
  throw new AdapterError(
    `no WebGPU adapter, although ${names} are installed. Run: GFSR_SETUP_VERBOSE=1 node scripts/setup.mjs`,
  );
}

/** Says what will change in this system, and asks where somebody can answer. @throws AdapterError without consent */
function sayPlan(names, backports, usesSudo) {
  const makers = gpuMakers(
    filesIn('/sys/class/drm').flatMap((card) => readText(join(card, 'device', 'vendor')) ?? []),
  );
  if (makers.length > 0) {
    say(
      `this machine has a GPU (${makers.join(', ')}), but no Vulkan driver that WebGPU can use. Its own driver would be far faster than what follows: install or update that one first.`,
    );
  }
  const source = backports ? ` from ${backports}, a source for this call of apt alone` : '';
  say(
    `no WebGPU adapter found. apt-get update and install${usesSudo ? ', through sudo,' : ''} would bring Mesa's driver, with which the processor computes: ${names}${source}.`,
  );
  const consent = mayChange({
    consent: process.env.GFSR_SETUP,
    isRoot: !usesSudo,
    isTerminal: Boolean(process.stdin.isTTY && process.stdout.isTTY),
  });
  if (consent === 'go' || (consent === 'ask' && isYes('Install these packages? [y/N] '))) return;
  throw new AdapterError(
    'nothing was installed. To install it, answer yes in a terminal, or set GFSR_SETUP=yes.',
  );
}

/** Reads one answer from the terminal. */
function isYes(question) {
  process.stdout.write(question);
  const answer = Buffer.alloc(100);
  const length = fs.readSync(0, answer);
  return /^y(es)?\s*$/i.test(answer.toString('utf8', 0, length));
}

/** Installs packages, or leaves none of them. @throws AdapterError if apt fails */
function install(packages, { command: [program, ...prefix], options, target }) {
  const apt = (...args) => run(program, [...prefix, ...options, ...args]);
  // A source that cannot be reached fails the update. The install fails too only if it needs that source.
  const update = apt('-o', 'APT::Update::Error-Mode=any', 'update');
  const wanted = ['install', '--no-install-recommends', '--no-remove', ...target, ...packages];
  const { added, upgraded } = plannedChanges(apt('--simulate', ...wanted).output);
  if (added.length > 0) say(`apt installs ${added.join(' ')} …`);
  if (upgraded.length > 0) say(`apt upgrades ${upgraded.join(', ')} …`);
  const done = apt(...wanted);
  if (done.ok) {
    if (added.length > 0) say(`to take this back: ${undoCommand(added)}`);
    return;
  }
  console.error(update.ok ? done.output : `${update.output}\n${done.output}`);
  if (added.length > 0) apt('purge', ...added);
  throw new AdapterError(
    `apt-get could not install ${packages.join(' ')}, see above. Fix that and run this again.`,
  );
}

/** Options that show backports to one apt run and leave the machine's own sources as they are. */
function backportsOptions(suite, folder) {
  const parts = filesIn('/etc/apt/sources.list.d');
  const texts = ['/etc/apt/sources.list', ...parts].map((name) => ({
    name,
    text: readText(name) ?? '',
  }));
  const source = suite && backportsSource(aptArchives(texts), suite);
  if (!source) return [];
  detail(source);
  fs.chmodSync(folder, 0o755);
  for (const part of parts) fs.copyFileSync(part, join(folder, basename(part)));
  fs.writeFileSync(join(folder, 'gfsr-backports.sources'), source);
  return ['-o', `Dir::Etc::sourceparts=${folder}`];
}

/** The prefix that runs a command as root, or undefined if that needs a password. */
function rootPrefix() {
  if (process.getuid() === 0) return [];
  return run('sudo', ['-n', 'true']).ok ? ['sudo', '-n'] : undefined;
}

function rootCommand() {
  const command = `${process.execPath} ${relative(process.cwd(), self)}`;
  return run('sudo', ['-V']).ok ? `sudo ${command}` : `su -c '${command}'`;
}

function run(file, args, options = {}) {
  const { status, signal, error, stdout, stderr } = spawnSync(file, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  const output = `${stdout ?? ''}${stderr ?? ''}${error ? `${error.message}\n` : ''}`;
  detail(`${file} ${args.join(' ')}\n${output}`);
  return { ok: status === 0, how: signal ?? `exit ${status}`, stdout, output };
}

function writeStamp(stamp) {
  // By renaming, which also replaces a stamp that root wrote.
  fs.writeFileSync(`${stampFile}.new`, `${JSON.stringify(stamp, null, 2)}\n`);
  fs.renameSync(`${stampFile}.new`, stampFile);
}

function filesIn(folder) {
  return fs.existsSync(folder) ? fs.readdirSync(folder).map((name) => join(folder, name)) : [];
}

function readText(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined;
}

function readJson(file) {
  const text = readText(file);
  return text && JSON.parse(text);
}

function say(line) {
  console.log(`setup: ${line}`);
}

function detail(line) {
  if (verbose) console.log(`setup: ${line}`);
}
