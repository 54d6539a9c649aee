// Reads CSV with commas, semicolons or tabs, and writes it after RFC 4180.

import { quoted } from './visible.ts';

export interface CsvRow {
  /** Line of the file on which the row starts, from 1. */
  line: number;
  fields: string[];
}

/** What can stand between fields; spreadsheets of many countries write semicolons. */
export type Separator = ',' | ';' | '\t';

/** The separator that the first line has most of outside of quotes; a comma if it has none. */
export function separatorOf(text: string): Separator {
  const [line] = text.split(LINE_END, 1);
  const bare = line.replace(/"[^"]*"/g, '');
  const count = (separator: string) => bare.split(separator).length;
  const most = ([';', '\t'] as const).reduce((a, b) => (count(b) > count(a) ? b : a));
  return count(most) > count(',') ? most : ',';
}

/**
 * Splits text into rows. Blank lines are skipped; fields are not trimmed.
 *
 * @param where start of error messages
 * @throws RangeError for a quote that never ends, or for text after a closing quote
 */
export function parseCsv(text: string, where = 'csv', separator: Separator = ','): CsvRow[] {
  const bareEnd = new RegExp(`[${separator}\\n\\r]`, 'g');
  const rows: CsvRow[] = [];
  let line = 1;
  let row: CsvRow = { line, fields: [] };
  let at = text.startsWith('\ufeff') ? 1 : 0;
  while (at < text.length) {
    const field =
      text[at] === '"'
        ? readQuoted(text, at, `${where} line ${line}`, separator)
        : readBare(text, at, bareEnd);
    row.fields.push(field.value);
    line += field.value.split(LINE_END).length - 1;
    at = field.end;
    if (text[at] === separator) {
      at++;
      if (at < text.length) continue;
      row.fields.push('');
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at++;
    at++;
    line++;
    if (row.fields.length > 1 || row.fields[0] !== '') rows.push(row);
    row = { line, fields: [] };
  }
  return rows;
}

const NAMES = { ',': 'a comma', ';': 'a semicolon', '\t': 'a tab' } as const;
const LINE_END = /\r\n|\n|\r/;

function readBare(text: string, at: number, bareEnd: RegExp): { value: string; end: number } {
  bareEnd.lastIndex = at;
  const end = bareEnd.exec(text)?.index ?? text.length;
  return { value: text.slice(at, end), end };
}

function readQuoted(
  text: string,
  at: number,
  where: string,
  separator: Separator,
): { value: string; end: number } {
  let value = '';
  let start = at + 1;
  for (;;) {
    const quote = text.indexOf('"', start);
    if (quote < 0) throw new RangeError(`${where}: a quoted field never ends. Close it with ".`);
    value += text.slice(start, quote);
    start = quote + 1;
    if (text[start] !== '"') break;
    value += '"';
    start++;
  }
  if (start < text.length && ![separator, '\n', '\r'].includes(text[start])) {
    throw new RangeError(
      `${where}: text after a closing quote, got ${quoted(text[start])}, expected ${NAMES[separator]} or a line end.`,
    );
  }
  return { value, end: start };
}

/**
 * Rows as text according to RFC 4180, except that lines end in LF. A value that is not a number gives an empty field.
 * Text that a spreadsheet would take for a formula begins with an apostrophe, see `withoutApostrophe`.
 */
export function formatCsv(rows: readonly (readonly (string | number | undefined)[])[]): string {
  return rows.map((row) => `${row.map(field).join(',')}\n`).join('');
}

/** The text of a field as it was before `formatCsv` put an apostrophe before it. */
export const withoutApostrophe = (field: string): string =>
  field.replace(/^'(?='*[=+\-@\t\r\n])/, '');

function field(value: string | number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '';
  const text =
    typeof value === 'string' && /^'*[=+\-@\t\r\n]/.test(value) ? `'${value}` : String(value);
  // Spreadsheets of many countries cut at a semicolon, after which a formula could begin.
  return /[",;\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
