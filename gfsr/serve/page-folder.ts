// Where the built marking page lies: beside the compiled library, or in dist/ of a checkout.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** @throws RangeError if the page was not built */
export function pageFolder(): string {
  const candidates = ['../../studio/', '../../dist/studio/'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  // The first one is the source of the page where the library is not compiled; only a built page has assets.
  const built = candidates.find((folder) => existsSync(`${folder}assets`));
  if (built) return built;
  throw new RangeError(
    'annotate: the page is not built. Run npm run annotate -- <data>, which builds it first.',
  );
}
