// The decisions of scripts/setup.mjs: which system gets which driver from where, and when packages are reinstalled.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
// @ts-expect-error: plain JavaScript without types, because it runs before anything is installed.
import * as plan from '../../scripts/setup-plan.mjs';

const bookworm = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION_CODENAME=bookworm
ID=debian
`;
const apt = ['mesa-vulkan-drivers', 'libvulkan1'];
const planFor = (osRelease: object, platform = 'linux', arch = 'x64') =>
  plan.driverPlan(platform, arch, osRelease);

test('reads os-release, with and without quotes', () => {
  const { ID, NAME, VERSION_ID } = plan.parseOsRelease(bookworm);
  assert.equal([ID, NAME, VERSION_ID], ['debian', 'Debian GNU/Linux', '12']);
  assert.equal(plan.parseOsRelease(`A='b c'\n# D=e\nF=\n`), { A: 'b c', F: '' });
});

test('Debian 12 takes the driver from backports', () => {
  const expected = { packages: apt, backports: 'bookworm-backports' };
  assert.equal(planFor(plan.parseOsRelease(bookworm)), expected);
  assert.equal(planFor(plan.parseOsRelease(bookworm), 'linux', 'arm64'), expected);
});

test('Debian 13 and testing, Ubuntu 24.04 and what descends from it take their own driver', () => {
  for (const osRelease of [
    { ID: 'debian', VERSION_ID: '13' },
    { ID: 'debian', VERSION_CODENAME: 'forky' },
    { ID: 'ubuntu', ID_LIKE: 'debian', VERSION_ID: '24.04' },
    { ID: 'linuxmint', ID_LIKE: 'ubuntu debian', VERSION_ID: '22' },
  ]) {
    assert.equal(planFor(osRelease), { packages: apt }, JSON.stringify(osRelease));
  }
});

test('elsewhere it gives advice and touches nothing', () => {
  for (const [osRelease, platform, arch, advice] of [
    [{ ID: 'debian', VERSION_ID: '11' }, 'linux', 'x64', 'Debian 12 or later'],
    [{ ID: 'ubuntu', ID_LIKE: 'debian', VERSION_ID: '22.04' }, 'linux', 'x64', 'Ubuntu 24.04'],
    [{ ID: 'fedora', VERSION_ID: '42' }, 'linux', 'x64', 'dnf install'],
    [{ ID: 'rocky', ID_LIKE: 'rhel centos fedora' }, 'linux', 'x64', 'dnf install'],
    [{ ID: 'arch' }, 'linux', 'x64', 'pacman'],
    [{ ID: 'opensuse-leap', ID_LIKE: 'suse opensuse' }, 'linux', 'x64', 'zypper'],
    [{ ID: 'alpine' }, 'linux', 'x64', 'glibc'],
    [{ ID: 'nixos' }, 'linux', 'x64', 'lavapipe'],
    [{}, 'linux', 'x64', 'lavapipe'],
    [{ ID: 'debian', VERSION_ID: '12' }, 'linux', 'riscv64', 'no build for riscv64'],
    [{}, 'darwin', 'arm64', 'graphics driver'],
    [{}, 'win32', 'x64', 'graphics driver'],
  ] as const) {
    const result = planFor(osRelease, platform, arch);
    assert.match(result.advice, advice);
    assert.is(result.packages, undefined);
  }
});

test('reads both forms of apt sources, and only files that apt reads', () => {
  const archives = plan.aptArchives([
    {
      name: '/etc/apt/sources.list',
      text: `# deb http://off/debian bookworm main
deb [arch=amd64 signed-by=/k.gpg] https://mirror/debian/ bookworm main contrib # here
deb-src https://mirror/debian bookworm main
`,
    },
    {
      name: 'debian.sources',
      text: `Types: deb deb-src
# http://snapshot/archive
URIs: http://a/debian http://b/debian
Suites: bookworm
 bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/d.gpg

Enabled: no
Types: deb
URIs: http://off/debian
Suites: bookworm
Components: main
`,
    },
    { name: 'other.list.disabled', text: 'deb http://off/debian bookworm main' },
  ]);
  const debian = {
    suites: ['bookworm', 'bookworm-updates'],
    components: ['main'],
    signedBy: '/usr/share/keyrings/d.gpg',
  };
  assert.equal(archives, [
    {
      uri: 'https://mirror/debian/',
      suites: ['bookworm'],
      components: ['main', 'contrib'],
      signedBy: '/k.gpg',
    },
    { uri: 'http://a/debian', ...debian },
    { uri: 'http://b/debian', ...debian },
  ]);
});

test('backports come from the mirror in use, else from Debian; never twice', () => {
  const mirror = { uri: 'http://mirror/debian', suites: ['bookworm'], components: ['main'] };
  const security = { ...mirror, uri: 'http://security', suites: ['bookworm-security'] };
  const source = (archives: object[]) => plan.backportsSource(archives, 'bookworm-backports');
  const head = 'Types: deb\nURIs: http://mirror/debian\nSuites: bookworm-backports\n';
  assert.is(source([security, mirror]), `${head}Components: main\n`);
  assert.is(
    source([{ ...mirror, signedBy: '/k.gpg' }]),
    `${head}Components: main\nSigned-By: /k.gpg\n`,
  );
  assert.match(source([security]), 'URIs: http://deb.debian.org/debian\n');
  assert.is(source([{ ...mirror, suites: ['bookworm-backports'] }]), undefined);
});

test('packages count as installed only at the locked versions and for this platform', () => {
  const linux = { platform: 'linux', arch: 'x64' };
  const native = { version: '1.0.0', optional: true, os: ['linux'], cpu: ['x64'] };
  const lock = {
    packages: {
      '': {},
      'node_modules/a': { version: '1.0.0' },
      'node_modules/native-linux': native,
      'node_modules/native-mac': { ...native, os: ['darwin'] },
    },
  };
  const having = (packages: object) => plan.isInstalled(lock, { packages }, linux);
  const a = { version: '1.0.0' };
  assert.ok(having({ 'node_modules/a': a, 'node_modules/native-linux': native }));
  assert.not(having({ 'node_modules/native-linux': native }), 'a package is missing');
  assert.not(having({ 'node_modules/a': { version: '1.0.1' } }), 'another version');
  assert.not(having({ 'node_modules/a': a, 'node_modules/b': a }), 'a package too many');
  const mac = lock.packages['node_modules/native-mac'];
  assert.not(having({ 'node_modules/a': a, 'node_modules/native-mac': mac }), 'another platform');
});

test('the system is changed only with consent', () => {
  const may = (consent: string | undefined, isRoot: boolean, isTerminal: boolean) =>
    plan.mayChange({ consent, isRoot, isTerminal });
  assert.is(may('yes', false, false), 'go');
  assert.is(may('no', true, true), 'refuse');
  assert.is(may(undefined, true, true), 'ask');
  assert.is(may(undefined, false, true), 'ask');
  assert.is(may(undefined, true, false), 'go', 'root in a container, who is told');
  assert.is(may(undefined, false, false), 'refuse', 'sudo without a password is no consent');
});

test('says what apt would add and upgrade, and how to take it back', () => {
  const simulation = `NOTE: This is only a simulation!
Reading package lists...
Inst libgbm1 [22.3.6-1+deb12u1] (25.0.4-1~bpo12+1 Debian Backports:stable-backports [amd64])
Inst mesa-vulkan-drivers (25.0.4-1~bpo12+1 Debian Backports:stable-backports [amd64])
Conf mesa-vulkan-drivers (25.0.4-1~bpo12+1 Debian Backports:stable-backports [amd64])
`;
  const { added, upgraded } = plan.plannedChanges(simulation);
  assert.equal(added, ['mesa-vulkan-drivers']);
  assert.equal(upgraded, ['libgbm1 22.3.6-1+deb12u1 -> 25.0.4-1~bpo12+1']);
  // It names every package, so that what the machine had before and no longer needs stays.
  assert.is(plan.undoCommand(added), 'apt-get purge mesa-vulkan-drivers');
  assert.equal(plan.plannedChanges(''), { added: [], upgraded: [] });
});

test('names the makers of the GPUs that a machine has', () => {
  assert.equal(plan.gpuMakers(['0x10de\n', '0x8086', '0x10de', '0x1234']), ['NVIDIA', 'Intel']);
});

test.run();
