// Reads compiled declarations: which names an entry point offers, each with its signature and docstring.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The names that a declaration file exports, in the order in which it does.
 * @returns name → { kind, signature, doc }; `doc` is the docstring's text, '' where there is none
 */
export function exportsOf(file) {
  const found = new Map();
  for (const { doc, text } of statementsOf(file)) {
    const from = text.match(/ from '(\..*?)';/)?.[1];
    const source = from && join(dirname(file), from.replace(/(\.d)?\.ts$/, '.d.ts'));
    const names = text.match(/^export (?:type )?\{([^}]*)\}/)?.[1];
    if (source && names) {
      const others = exportsOf(source);
      for (const part of names.split(',')) {
        const [name, alias = name] = part
          .trim()
          .replace(/^type /, '')
          .split(' as ');
        if (name) found.set(alias, others.get(name));
      }
    } else if (source && text.startsWith('export *')) {
      for (const [name, each] of exportsOf(source)) found.set(name, each);
    } else {
      const [, kind, name] =
        text.match(
          /^export (?:declare )?(?:abstract )?(function|class|const|interface|type) (\w+)/,
        ) ?? [];
      if (!name) continue;
      const before = found.get(name);
      // Overloads: one entry, all signatures.
      const signature = [before?.signature, text.replace(/^export (declare )?/, '')];
      found.set(name, {
        kind,
        doc: before?.doc || doc,
        signature: signature.filter(Boolean).join('\n'),
      });
    }
  }
  return found;
}

/** Cuts a file where a line begins in the first column with a comment or a keyword. */
function statementsOf(file) {
  const statements = [];
  let doc = '';
  for (const part of readFileSync(file, 'utf8').split(
    /^(?=\/\*\*|export |import |declare |interface |type )/m,
  )) {
    if (part.startsWith('/**')) {
      doc = textOf(part.slice(0, part.indexOf('*/')));
      continue;
    }
    statements.push({ doc, text: part.replace(/\/\/# .*\n?/, '').trim() });
    doc = '';
  }
  return statements;
}

/** A comment's text without its stars. */
function textOf(comment) {
  return comment
    .replace(/^\/\*\*/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .trim();
}
