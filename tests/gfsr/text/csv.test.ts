// The CSV reader and writer against RFC 4180.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatCsv, parseCsv, separatorOf, withoutApostrophe } from '../../../gfsr/text/csv.ts';

const fields = (text: string) => parseCsv(text).map((row) => row.fields);

test('plain rows, CRLF, no last line end, blank lines, byte order mark', () => {
  assert.equal(fields('a,b\n1,2\n'), [
    ['a', 'b'],
    ['1', '2'],
  ]);
  assert.equal(fields('a,b\r\n1,2'), [
    ['a', 'b'],
    ['1', '2'],
  ]);
  assert.equal(fields('\ufeffa\n\n\nb\r\n\r\n'), [['a'], ['b']]);
  assert.equal(fields(''), []);
});

test('empty fields, also at the end', () => {
  assert.equal(fields('a,,\n,b,\n,,'), [
    ['a', '', ''],
    ['', 'b', ''],
    ['', '', ''],
  ]);
});

test('quotes hold commas, quotes and line ends', () => {
  assert.equal(fields('"a,b","say ""hi""","two\nlines",""\nnext,2,3,4'), [
    ['a,b', 'say "hi"', 'two\nlines', ''],
    ['next', '2', '3', '4'],
  ]);
  assert.equal(fields('a"b,c'), [['a"b', 'c']]);
});

test('line numbers count line ends inside quotes', () => {
  assert.equal(
    parseCsv('a\n"x\ny\nz"\n\nb').map((row) => row.line),
    [1, 2, 6],
  );
});

test('bad quotes are errors', () => {
  assert.throws(() => parseCsv('a\n"b'), /csv line 2: a quoted field never ends/);
  assert.throws(
    () => parseCsv('"a"b', 'm.csv'),
    /m\.csv line 1: text after a closing quote, got "b"/,
  );
});

test('what is written is read back; what is no number is an empty field', () => {
  const rows = [
    ['a,b', 'say "hi"', 'two\r\nlines'],
    ['1.5', '', 'x'],
  ];
  assert.equal(fields(formatCsv(rows)), rows);
  assert.is(formatCsv([[undefined, Number.NaN, 0, 'plain']]), ',,0,plain\n');
});

test('lines may end in CR alone', () => {
  assert.equal(fields('a,b\r1,"x\ry"\r\r2,z'), [
    ['a', 'b'],
    ['1', 'x\ry'],
    ['2', 'z'],
  ]);
});

test('the separator is what the first line has most of, outside of quotes', () => {
  const read = (text: string) => parseCsv(text, 'csv', separatorOf(text)).map((row) => row.fields);
  assert.equal(read('file;label\n"a;1, b.png";"0,5"\n'), [
    ['file', 'label'],
    ['a;1, b.png', '0,5'],
  ]);
  assert.equal(read('\ufefffile\tlabel\r\na b,c.png\till\r\n'), [
    ['file', 'label'],
    ['a b,c.png', 'ill'],
  ]);
  assert.is(separatorOf('"a;b;c",d\n1;2;3;4'), ',');
  assert.is(separatorOf('alone'), ',');
  assert.throws(() => parseCsv('"a"b;c', 'x', ';'), /expected a semicolon or a line end/);
});

test('what a spreadsheet would run as a formula is text; numbers stay numbers', () => {
  assert.is(formatCsv([['=1+1', '+a', '-b', '@c', '\td', -1.5]]), "'=1+1,'+a,'-b,'@c,'\td,-1.5\n");
  for (const text of ['=1+1', '-', "'=x", "''@", "'quoted'", 'plain', '']) {
    const [[written]] = fields(formatCsv([[text, 'b']]));
    assert.not.match(written, /^[=+\-@]/);
    assert.is(withoutApostrophe(written), text);
  }
  // Where a semicolon separates, what follows one is a cell of its own unless the whole is in quotes.
  assert.is(formatCsv([['a;=1+1', 'b']]), '"a;=1+1",b\n');
});

test.run();
