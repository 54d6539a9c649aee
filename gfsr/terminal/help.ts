// The help of a program and of its commands, generated from their declarations.

import { wrapped } from '../text/lines.ts';
import type { Arguments, Command } from './command.ts';
import { type Flag, type NamedFlag, namedFlags } from './flag.ts';

/** Help texts are never wrapped to fewer columns than this. */
const NARROWEST = 30;

/** The placeholder for the value of a flag: `<folder>`. */
export function placeholder(flag: Flag): string {
  if (flag.kind === 'boolean') return '';
  return `<${flag.value ?? valueName(flag)}>`;
}

function valueName(flag: Flag): string {
  switch (flag.kind) {
    case 'integer':
    case 'number':
      return 'number';
    case 'integers':
      return 'n,n,…';
    case 'choice':
      return isShort(flag.choices) ? flag.choices.join('|') : 'name';
    default:
      return 'text';
  }
}

const isShort = (choices: readonly string[]): boolean => choices.length <= 3;

/** The help of a flag, its choices, and its default. */
function explain(flag: Flag): string {
  const listed = flag.kind === 'choice' && !isShort(flag.choices) && flag.value === undefined;
  const list = listed ? `: ${flag.choices.join(', ')}` : '';
  const usual = flag.usual ?? (flag.default === undefined ? undefined : String(flag.default));
  return `${flag.help}${list}${usual === undefined ? '' : ` [${usual}]`}`;
}

const argumentText = (args: Arguments = {}): string =>
  Object.entries(args)
    .map(
      ([name, count]) => ({ one: `<${name}>`, optional: `[${name}]`, many: `[...${name}]` })[count],
    )
    .map((text) => ` ${text}`)
    .join('');

/** Rows of two columns. The second is wrapped at the width of the terminal. */
function columns(rows: readonly (readonly [string, string])[], width: number): string[] {
  const first = Math.max(...rows.map(([left]) => left.length));
  const room = Math.max(NARROWEST, width - first - 4);
  return rows.flatMap(([left, right]) =>
    wrapped(right, room).map((line, i) => `  ${(i === 0 ? left : '').padEnd(first)}  ${line}`),
  );
}

/** Help of one command: usage, flags by heading with their defaults, examples. */
export function commandHelp(
  program: string,
  command: Command,
  everywhere: readonly NamedFlag[],
  width = Number.POSITIVE_INFINITY,
): string[] {
  const flags = [...namedFlags(command.flags), ...everywhere];
  const left = ({ name, flag }: NamedFlag) => `--${name} ${placeholder(flag)}`.trimEnd();
  const widest = Math.max(...flags.map((flag) => left(flag).length));
  const headings = [...new Set(flags.map(({ heading }) => heading))];
  return [
    `Usage: ${program} ${command.name}${argumentText(command.arguments)} [flags]`,
    '',
    ...wrapped(`${command.help[0].toUpperCase()}${command.help.slice(1)}.`, width),
    ...headings.flatMap((heading) => [
      '',
      `${heading}:`,
      ...columns(
        flags
          .filter((flag) => flag.heading === heading)
          .map((flag) => [left(flag).padEnd(widest), explain(flag.flag)]),
        width,
      ),
    ]),
    ...(command.examples
      ? ['', 'Examples:', ...command.examples.map((line) => `  ${program} ${line}`)]
      : []),
  ];
}

/** Help of the program: its commands. */
export function programHelp(
  program: string,
  commands: readonly Command[],
  width = Number.POSITIVE_INFINITY,
): string[] {
  return [
    `Usage: ${program} <command> [flags]`,
    '',
    'Commands:',
    ...columns(
      commands.map(({ name, arguments: args, help }) => [name + argumentText(args), help]),
      width,
    ),
    '',
    `Flags of a command with their defaults: ${program} ${commands[0].name} --help`,
    `Version: ${program} --version`,
  ];
}
