// Packages that only a queue needs, and that people install beside this one.

/** @throws Error with the install command if one of the packages is missing */
export async function optional<T>(packages: readonly string[], load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    const names = packages.map((name) => `\`${name}\``).join(' and ');
    const are = packages.length > 1 ? 'packages' : 'package';
    throw new Error(`queue: needs the ${are} ${names}. Run: npm install ${packages.join(' ')}`, {
      cause: error,
    });
  }
}
