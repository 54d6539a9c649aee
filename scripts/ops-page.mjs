// Writes the page of all ops: what a user calls, and what the registry knows of each op.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportsOf } from './declarations.mjs';

/**
 * @param declarations folder of engine/ops/index.d.ts
 * @param sources folder of engine/ops
 * @param ops the registry of engine/autodiff
 */
export function opsPage(declarations, sources, ops) {
  const functions = [...exportsOf(join(declarations, 'index.d.ts'))]
    .filter(([, { signature }]) => /\): Tensor;|=> Tensor;/.test(signature))
    .sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  const attributes = attributesIn(sources);
  return `# Ops

Made by \`npm run docs:ops\` from the sources; a test holds that it is up to date.

## Functions

What \`gfsr/engine\` exports. Gradients of every order flow through each one, except to inputs that the second table gives none. [docs/api](library.md) has the whole docstrings.

| function | what it computes |
|---|---|
${functions.map(([name, each]) => `| ${code(call(name, each.signature))} | ${cell(firstSentence(each.doc))} |`).join('\n')}

## Registry

What the functions are made of: \`ops\` of \`gfsr/engine\`, ${ops.size} of them. Inputs are f32 unless they say u32.
A gradient is *own* (a vector-Jacobian product made of ops), *composite* (that of the same maths in plain ops), or *none*: the
input is constant, or its derivative is zero almost everywhere.

| op | inputs | attributes | gradient |
|---|---|---|---|
${[...ops.values()].map((op) => row(op, attributes)).join('\n')}
`;
}

function row({ name, definition: { inputs, dtypes, dtype, vjp } }, attributes) {
  const typed = inputs.map((x, i) => (dtypes?.[i] === 'u32' ? `${x}: u32` : x)).join(', ');
  const gradients = inputs.map((_, i) =>
    vjp?.[i] === 'zero' ? 'none' : vjp?.[i] ? 'own' : 'composite',
  );
  const same = new Set(gradients).size === 1;
  const gradient = same ? gradients[0] : gradients.map((g, i) => `${inputs[i]} ${g}`).join(', ');
  const about = attributes.get(name);
  return `| ${code(name)} | ${typed}${dtype ? ` → ${dtype}` : ''} | ${about ? code(about) : ''} | ${gradient} |`;
}

/** The type of each op's attributes, where the source names it. */
function attributesIn(folder) {
  const found = new Map();
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const text = readFileSync(join(folder, file), 'utf8');
    for (const [, type, name] of text.matchAll(/ApplyOp<([^=]+)> = defineOp\(\s*'(\w+)'/g)) {
      found.set(name, fieldsOf(type, text));
    }
    // Those that a function of the file declares, such as defineExtreme('max') or unaryWith('pow', …).
    for (const [, maker, name] of text.matchAll(/= (\w+)\(\s*'(\w+)'/g)) {
      if (maker === 'unaryWith') found.set(name, 'a: number; b: number');
      const type = text.match(new RegExp(`${maker}\\b[^;]*?\\): ApplyOp<(\\w+)>`))?.[1];
      if (!type) continue;
      found.set(name, fieldsOf(type, text));
      if (/\{name\}InputGrad/.test(text)) found.set(`${name}InputGrad`, fieldsOf(type, text));
    }
  }
  return found;
}

/** A named type in full, if it is an interface of the same file. */
function fieldsOf(type, text) {
  const body = text.match(new RegExp(`interface ${type}[^{]*\\{([^}]*)\\}`))?.[1];
  if (!body) return type.replace(/[{}]/g, '').trim();
  const fields = [...body.matchAll(/readonly (\w+\??: [^;]+);/g)].map(([, field]) => field);
  return fields.join('; ') || type;
}

/** `name(x: Tensor, k: number)`: a declaration as it is called. */
function call(name, signature) {
  const text = signature
    .split('\n')
    .map((line) => line.trim())
    .join(' ');
  const list = text
    .replace(/^(function \w+|const \w+: )/, '')
    .replace(/(\)): Tensor;$|(\)) => Tensor;$/, '$1$2')
    .replaceAll(/\{[^{}]*\}(\??):/g, 'options$1:')
    .replaceAll(/import\("[^"]*"\)\./g, '')
    .replaceAll('readonly number[]', 'number[]');
  return `${name}${list}`;
}

const firstSentence = (doc) =>
  doc
    .split(/\n\s*\n|@(?:throws|param|returns)/)[0]
    .replaceAll(/\s+/g, ' ')
    .trim();

const code = (text) => `\`${text.replaceAll('|', '\\|')}\``;
const cell = (text) => text.replaceAll('|', '\\|');
