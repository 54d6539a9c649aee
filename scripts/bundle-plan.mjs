// Decides what a portable bundle contains and whether it is small enough: the pure half of bundle.mjs.

const MIB = 2 ** 20;

/** What a program does not read: types, maps, and what is written for people, except licences. */
const NOT_READ =
  /(\.(ts|cts|mts|map|md|html|flow|yml)|\/(test|tests|docs|examples|bench)(\/.*)?)$/i;
const OTHER_PLATFORM = /^dist\/(?!linux-x64(\/|$))[a-z0-9]+-(x64|arm64|universal)(\/|$)/;

/**
 * The packages, with all they depend on, that a program needs which imports `names`: paths under the root.
 * Packages of types alone are left out.
 * @param lock package-lock.json, parsed
 * @throws Error if the lock file lacks one
 */
export function packagesFor(names, lock) {
  const found = new Set();
  const visit = (name, from) => {
    if (/^@(types|webgpu)\//.test(name)) return;
    // As in Node: first in the importing package's own folder, then in each folder above it.
    const places = [`${from}/node_modules/${name}`, `node_modules/${name}`];
    const path = places.find((place) => lock.packages[place]);
    if (!path) throw new Error(`${name} is not in package-lock.json. Run: npm install`);
    if (found.has(path)) return;
    found.add(path);
    for (const dependency of Object.keys(lock.packages[path].dependencies ?? {})) {
      visit(dependency, path);
    }
  };
  for (const name of names) visit(name, '');
  return [...found].sort();
}

/** Whether a package's file, by its path in the package, belongs in the bundle. */
export function isNeeded(path) {
  if (/(^|\/)licen[cs]e(\.\w+)?$/i.test(path)) return true;
  return !NOT_READ.test(`/${path}`) && !OTHER_PLATFORM.test(path);
}

/**
 * One line that says what takes the space, the largest part first.
 * @param parts `[name, bytes]`
 * @throws Error if together they exceed the limit
 */
export function sizeLine(parts, limitMiB) {
  const total = parts.reduce((sum, [, bytes]) => sum + bytes, 0);
  const size = (bytes) => (bytes / MIB).toFixed(1);
  const list = [...parts]
    .sort(([, a], [, b]) => b - a)
    .map(([name, bytes]) => `${name} ${size(bytes)}`)
    .join(', ');
  const line = `${size(total)} MiB of at most ${limitMiB}: ${list}`;
  if (total > limitMiB * MIB) throw new Error(`the bundle is too large, ${line}.`);
  return line;
}
