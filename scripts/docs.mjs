// Writes docs/api: one page per entry point with the signature and docstring of every public name.
// typedoc would do it, but reads at most TypeScript 6; the declarations of TypeScript 7 are plain enough to read here.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exportsOf } from './declarations.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'docs', 'api');
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const pages = Object.entries(exports).map(([path, { types }]) => {
  const entry = `gfsr${path.slice(1)}`;
  const file = `${entry.replaceAll('/', '-')}.md`;
  const names = exportsOf(join(root, types));
  const sections = [...names].map(([name, each]) => section(name, each));
  // What describes an entry point is the source of its declarations.
  const described = types.replace('./dist/', './').replace(/\.d\.ts$/, '.ts');
  const source = readFileSync(join(root, described), 'utf8');
  writeFileSync(
    join(folder, file),
    `# ${entry}\n\n${opening(source)}\n\n${sections.join('\n\n')}\n`,
  );
  return `- [${entry}](${file}): ${opening(source)} ${names.size} names.`;
});
const index = `# API\n\nMade by \`npm run docs\` from the sources.\n\n${pages.join('\n')}\n`;
writeFileSync(join(folder, 'README.md'), index);
console.log(`docs: ${pages.length} pages in docs/api`);

function section(name, { signature, doc }) {
  return `## ${name}\n\n\`\`\`ts\n${signature}\n\`\`\`${doc && `\n\n${asMarkdown(doc)}`}`;
}

/** Tags become a list below the text: "@throws RangeError if …" reads "- **throws** RangeError if …". */
function asMarkdown(doc) {
  const [text, ...tags] = doc.split(/\n?@(?=param|returns|throws)/);
  const list = tags.map((tag) => `- ${tag.trim().replace(/^(\w+)(?: (\w+))?/, bold)}`);
  return [text.trim(), list.join('\n')].filter(Boolean).join('\n\n');
}

function bold(_, tag, word = '') {
  return tag === 'param' ? `\`${word}\`:` : `**${tag}** ${word}`.trim();
}

/** The comment with which a source file opens, as a sentence. */
function opening(source) {
  return source
    .match(/^(\/\/ .*\n)+/)[0]
    .replaceAll(/^\/\/ /gm, '')
    .replaceAll('\n', ' ')
    .trim();
}
