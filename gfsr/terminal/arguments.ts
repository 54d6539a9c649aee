// Reads the arguments and flags of a command as they were typed, and explains what is wrong with them.

import { parseArgs } from 'node:util';
import { nearestName } from '../text/suggestions.ts';
import type { Command } from './command.ts';
import { isGroup, kebabCase, type NamedFlag, namedFlags, readFlag } from './flag.ts';
import { placeholder } from './help.ts';

interface Typed {
  /** Without its dashes. */
  readonly name: string;
  /** As it was typed. */
  readonly raw: string;
  readonly value: string | undefined;
  /** Whether the value came after `=`. */
  readonly inline: boolean;
}

/**
 * The options of a command line.
 *
 * @param program how the command line starts, for the advice in errors
 * @throws RangeError for an unknown flag (it suggests the most similar one), a flag that is given twice or with a value
 *   that it does not accept, and for missing or extra arguments
 */
export function readArguments(
  program: string,
  command: Command,
  args: readonly string[],
): Record<string, unknown> {
  const named = [...namedFlags(command.flags), ...EVERYWHERE];
  const { flags, positionals } = split(args, named);
  const given = readFlags(flags, named, `See: ${program} ${command.name} --help`);
  const options: Record<string, unknown> = readPositionals(program, command, positionals);
  for (const [key, entry] of Object.entries(command.flags)) {
    if (isGroup(entry)) options[key] = entry.collect(given);
    else options[key] = given.get(kebabCase(key)) ?? unset(entry);
  }
  return options;
}

const unset = (flag: NamedFlag['flag']): unknown =>
  flag.default ?? (flag.kind === 'boolean' ? false : undefined);

/** Flags of every command; the program itself handles them. */
export const EVERYWHERE: readonly NamedFlag[] = [
  { name: 'verbose', help: 'show the stack trace of an error' },
  { name: 'help', help: 'show this help' },
].map(({ name, help }) => ({ name, heading: 'Flags', flag: { kind: 'boolean', help } }));

/** Separates flags, in any order, from positional arguments. Flags may also be typed in camel case. */
function split(args: readonly string[], named: readonly NamedFlag[]) {
  const { tokens } = parseArgs({
    args: args.map((arg) => arg.replace(/^--[^=]+/, kebabCase)),
    options: Object.fromEntries(
      named.map(({ name, flag }) => [
        name,
        { type: flag.kind === 'boolean' ? ('boolean' as const) : ('string' as const) },
      ]),
    ),
    strict: false,
    tokens: true,
  });
  const flags: Typed[] = [];
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value, inlineValue: inline } = token;
    flags.push({ name, raw: rawName, value, inline: inline === true });
  }
  return { flags, positionals };
}

function readFlags(
  typed: readonly Typed[],
  named: readonly NamedFlag[],
  advice: string,
): Map<string, unknown> {
  const given = new Map<string, unknown>();
  const counts = new Map<string, number>();
  for (const { name, raw, value, inline } of typed) {
    const found = raw.startsWith('--') ? findFlag(name, named) : undefined;
    if (!found) {
      const nearest = nearestName(
        name,
        named.map((each) => each.name),
      );
      const hint = nearest === undefined ? '' : ` Did you mean --${nearest}?`;
      throw new RangeError(`unknown flag ${raw}.${hint} ${advice}`);
    }
    const { on, ...flag } = found;
    counts.set(flag.name, (counts.get(flag.name) ?? 0) + 1);
    if (flag.flag.kind === 'boolean') {
      if (value !== undefined) {
        throw new RangeError(`${raw}: got ${value}, but it takes no value. ${advice}`);
      }
      given.set(flag.name, on);
    } else if (value === undefined || value === '' || (!inline && value.startsWith('--'))) {
      throw new RangeError(`--${flag.name} ${placeholder(flag.flag)}: the value is missing.`);
    } else if (!given.has(flag.name)) given.set(flag.name, readFlag(flag, value));
  }
  for (const [name, count] of counts) {
    if (count > 1) throw new RangeError(`--${name} is given ${count} times, expected once.`);
  }
  return given;
}

/** The flag with that name; `--no-x` is the flag x switched off. */
function findFlag(
  name: string,
  named: readonly NamedFlag[],
): (NamedFlag & { readonly on: boolean }) | undefined {
  const exact = named.find((each) => each.name === name);
  if (exact) return { ...exact, on: true };
  const negated = named.find(
    ({ name: other, flag }) => flag.kind === 'boolean' && `no-${other}` === name,
  );
  return negated && { ...negated, on: false };
}

function readPositionals(
  program: string,
  { name, arguments: expected = {}, examples = [] }: Command,
  texts: readonly string[],
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  const rest = [...texts];
  for (const [argument, count] of Object.entries(expected)) {
    if (count === 'one' && rest.length === 0) {
      throw new RangeError(`${name}: needs <${argument}>. See: ${program} ${name} --help`);
    }
    values[argument] = count === 'many' ? rest.splice(0) : rest.shift();
  }
  if (rest.length > 0) {
    const most = Object.keys(expected).length;
    const withFlags = examples.find((example) => example.includes(' --'));
    const right = withFlags === undefined ? '' : `, as in "${program} ${withFlags}"`;
    throw new RangeError(
      `${name}: got ${texts.length === 1 ? 'an argument' : `${texts.length} arguments`} (${texts.join(', ')}), expected ${most === 0 ? 'none' : `at most ${most}`}${right}. See: ${program} ${name} --help`,
    );
  }
  return values;
}
