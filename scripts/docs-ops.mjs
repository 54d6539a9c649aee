// Writes docs/ops.md from the compiled library: the list of all ops.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ops } from '../dist/engine/index.js';
import { opsPage } from './ops-page.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
writeFileSync(
  path('../docs/ops.md'),
  opsPage(path('../dist/engine/ops'), path('../engine/ops'), ops),
);
console.log('docs: docs/ops.md');
