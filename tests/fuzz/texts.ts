// Changes to text: lines, fields, tags and numbers replaced, dropped and doubled.

import type { Random } from '../../engine/core/random.ts';
import { type Mutation, pick } from './mutation.ts';
import { bytesOf } from './values.ts';

const STRANGERS = [
  ...['', '0', '-1', '1e309', 'NaN', 'Infinity', '99999999999999999999', '0x10', '1,5', '20000'],
  ...[
    '"',
    '""',
    '\0',
    '\r',
    '\n\n',
    '\t',
    ';',
    '\u202e',
    '\u001b[2J',
    '../x',
    '/dev/zero',
    'C:\\x',
  ],
  ...['=cmd()', '<b>', '&amp;', '&#0;', '&x;', '<!--', ']]>', '__proto__', 'y'.repeat(20_000)],
];

const onText =
  (change: (text: string, random: Random) => string): Mutation =>
  (bytes, random) =>
    bytesOf(change(new TextDecoder().decode(bytes), random));

/** Replaces one match of a pattern. */
const replaceOne = (pattern: RegExp, replace: (match: string, random: Random) => string) =>
  onText((text, random) => {
    const matches = [...text.matchAll(pattern)];
    if (matches.length === 0) return text;
    const { 0: match, index } = pick(matches, random);
    return text.slice(0, index) + replace(match, random) + text.slice(index + match.length);
  });

const stranger = (_: string, random: Random): string => pick(STRANGERS, random);
const doubled = (match: string, random: Random): string =>
  match.length > 1000 ? match.repeat(2) : match.repeat(pick([2, 3, 500], random));

/** Numbers and words. */
const token = replaceOne(/-?\d+(?:\.\d+)?|\w+/g, stranger);
const droppedLine = replaceOne(/[^\n]*\n/g, () => '');
const doubledLine = replaceOne(/[^\n]*\n/g, doubled);
const field = replaceOne(/[^,;\n]+/g, stranger);
const separator = replaceOne(/[,;\n]/g, (_, random) =>
  pick([',', ';', '\t', '\r', '"', ''], random),
);

/** Of tables and lists. */
export const LINE_MUTATIONS: readonly Mutation[] = [
  ...[token, field, separator, droppedLine, doubledLine],
];

// No tag goes on beyond the next one: 100,000 that are never closed would be searched to the end, each.
const droppedTag = replaceOne(/<[^<>]*>/g, () => '');
const doubledTag = replaceOne(/<[^<>]*>/g, doubled);
const attribute = replaceOne(/"[^"]*"/g, (_, random) => `"${pick(STRANGERS, random)}"`);
const droppedAttribute = replaceOne(/ [\w-]+="[^"]*"/g, () => '');
const doubledElement = replaceOne(/<(\w+)[^<>]*\/>|<(\w+)[^<>]*>[^<]*<\/\2>/g, doubled);
const nested = replaceOne(/<[^<>]*>/g, (tag, random) =>
  tag.slice(0, 30).repeat(pick([101, 100_000], random)),
);
/** Entities that grow a thousandfold with each level. */
const entities = onText((text) => {
  const grow = Array.from({ length: 8 }, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`);
  const doctype = `<!DOCTYPE annotations [<!ENTITY e0 "xxxxxxxxxx">${grow.join('')}]>`;
  return text.replace(/^(<\?xml[^>]*>)?/, `$1${doctype}`).replace(/>([^<]+)</, '>&e8;<');
});

export const XML_MUTATIONS: readonly Mutation[] = [
  ...[token, attribute, attribute, droppedAttribute, droppedTag, doubledTag, doubledElement],
  ...[nested, entities],
];
