// Decides, without touching the machine, which packages and which driver a system needs: the pure half of setup.mjs.

const DRIVER = ['mesa-vulkan-drivers', 'libvulkan1'];
const DEBIAN_MIRROR = 'http://deb.debian.org/debian';
const DEBIAN_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Reads /etc/os-release: KEY=value or KEY="value" lines. */
export function parseOsRelease(text) {
  const entries = [...text.matchAll(/^([A-Z_]+)=(["']?)(.*?)\2\s*$/gm)];
  return Object.fromEntries(entries.map(([, key, , value]) => [key, value]));
}

/**
 * How a system without an adapter gets one: `{ packages, backports? }` for apt, or `{ advice }`, one sentence.
 * Debian 12's own Mesa (22.3) is refused by Dawn, so there the driver comes from backports.
 */
export function driverPlan(platform, arch, osRelease) {
  if (platform !== 'linux') return { advice: 'Update the graphics driver of this machine.' };
  const { ID = '', ID_LIKE = '', VERSION_ID, VERSION_CODENAME } = osRelease;
  const family = [ID, ...ID_LIKE.split(' ')];
  if (!['x64', 'arm64'].includes(arch)) {
    return { advice: `The webgpu package has no build for ${arch}: use x64 or arm64.` };
  }
  if (ID === 'alpine') {
    return { advice: 'The webgpu package needs glibc: use a Debian, Ubuntu or Fedora image.' };
  }
  if (family.includes('debian') || family.includes('ubuntu')) {
    const version = Number(VERSION_ID ?? Infinity); // testing and sid name no version
    if (ID === 'debian' && version === 12) {
      return { packages: DRIVER, backports: `${VERSION_CODENAME ?? 'bookworm'}-backports` };
    }
    if ((ID === 'debian' && version < 12) || (ID === 'ubuntu' && version < 24.04)) {
      const oldest = ID === 'debian' ? 'Debian 12' : 'Ubuntu 24.04';
      return { advice: `Its Vulkan driver is too old for WebGPU: use ${oldest} or later.` };
    }
    return { packages: DRIVER };
  }
  if (family.includes('fedora') || family.includes('rhel')) {
    return { advice: 'Run: sudo dnf install mesa-vulkan-drivers vulkan-loader' };
  }
  if (family.includes('arch')) {
    return { advice: 'Run: sudo pacman -S vulkan-swrast vulkan-icd-loader' };
  }
  if (family.includes('suse') || family.includes('opensuse')) {
    return { advice: 'Run: sudo zypper install libvulkan_lvp libvulkan1' };
  }
  return { advice: 'Install the Vulkan loader and Mesa 23 or later (its lavapipe driver).' };
}

/**
 * The archives that apt's source files name, as `{ uri, suites, components, signedBy? }`.
 * @param files `{ name, text }` of sources.list and sources.list.d; others than .list and .sources are ignored
 */
export function aptArchives(files) {
  return files.flatMap(({ name, text }) => {
    if (name.endsWith('.sources')) return deb822Archives(text);
    return name.endsWith('.list') ? oneLineArchives(text) : [];
  });
}

/**
 * The source file that adds `suite` from the mirror this machine already uses for the release behind it,
 * or from Debian's own where it names none; undefined where the suite is configured already.
 */
export function backportsSource(archives, suite) {
  if (archives.some((archive) => archive.suites.includes(suite))) return undefined;
  const release = suite.replace(/-backports$/, '');
  const mirror = archives.find(
    ({ suites, components }) => suites.includes(release) && components.includes('main'),
  ) ?? { uri: DEBIAN_MIRROR, signedBy: DEBIAN_KEYRING };
  return [
    'Types: deb',
    `URIs: ${mirror.uri}`,
    `Suites: ${suite}`,
    'Components: main',
    ...(mirror.signedBy ? [`Signed-By: ${mirror.signedBy}`] : []),
    '',
  ].join('\n');
}

/**
 * True where node_modules holds what the lock file asks for on this platform.
 * @param lock package-lock.json, parsed; @param installed node_modules/.package-lock.json, parsed
 */
export function isInstalled(lock, installed, { platform, arch }) {
  const fits = ({ os, cpu }) =>
    (os ?? [platform]).includes(platform) && (cpu ?? [arch]).includes(arch);
  const found = Object.entries(installed.packages);
  const asLocked = found.every(
    ([path, entry]) => lock.packages[path]?.version === entry.version && fits(entry),
  );
  const complete = Object.entries(lock.packages).every(
    ([path, entry]) => path === '' || entry.optional || path in installed.packages,
  );
  return asLocked && complete;
}

function oneLineArchives(text) {
  const lines = text.matchAll(/^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#\n]*)/gm);
  return [...lines].map(([, options = '', uri, suite, components]) => ({
    uri,
    suites: [suite],
    components: words(components),
    signedBy: options.match(/signed-by=(\S+)/i)?.[1],
  }));
}

function deb822Archives(text) {
  const stanzas = text.replace(/^#.*\n?/gm, '').split(/\n\s*\n/);
  return stanzas.flatMap((stanza) => {
    // A value runs on over the lines that begin with a space.
    const fields = [...stanza.matchAll(/^([\w-]+):((?:.*)(?:\n[ \t].*)*)/gm)];
    const field = new Map(fields.map(([, key, value]) => [key.toLowerCase(), value.trim()]));
    const isOff = field.get('enabled')?.toLowerCase() === 'no';
    if (isOff || !words(field.get('types')).includes('deb')) return [];
    return words(field.get('uris')).map((uri) => ({
      uri,
      suites: words(field.get('suites')),
      components: words(field.get('components')),
      signedBy: field.get('signed-by'),
    }));
  });
}

function words(text = '') {
  return text.split(/\s+/).filter(Boolean);
}

/**
 * Whether system packages may be changed: `go`, `ask` the person at the terminal, or `refuse`, and name the switch.
 * Who is root already, as in a container, is told; root's rights are not taken through sudo without a word.
 *
 * @param consent value of GFSR_SETUP
 */
export function mayChange({ consent, isRoot, isTerminal }) {
  if (consent === 'yes') return 'go';
  if (consent === 'no') return 'refuse';
  if (isTerminal) return 'ask';
  return isRoot ? 'go' : 'refuse';
}

/** What `apt-get --simulate install` would do, as `{ added, upgraded }`: names, and `name old -> new`. */
export function plannedChanges(simulation) {
  const lines = [...simulation.matchAll(/^Inst (\S+) (?:\[([^\]]+)\] )?\((\S+)/gm)];
  const isNew = ([, , old]) => old === undefined;
  return {
    added: lines.filter(isNew).map(([, name]) => name),
    upgraded: lines
      .filter((line) => !isNew(line))
      .map(([, name, old, next]) => `${name} ${old} -> ${next}`),
  };
}

/** Makers of GPUs by the vendor numbers that Linux has for the display devices of a machine. */
const MAKERS = { '0x10de': 'NVIDIA', '0x1002': 'AMD', '0x8086': 'Intel' };

/** Makers of the GPUs of a machine, each once. */
export const gpuMakers = (vendors) =>
  [...new Set(vendors.map((vendor) => MAKERS[vendor.trim()]))].filter(Boolean);

/**
 * How to take back what was installed, dependencies included. Without `--auto-remove`, which would also remove what the
 * machine no longer needed before.
 */
export const undoCommand = (added) => `apt-get purge ${added.join(' ')}`;
