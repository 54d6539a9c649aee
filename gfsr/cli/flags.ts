// Settings as command-line flags: one flag for each entry of the config schema, read back as it was typed.

import type { Command } from 'cac';
import type { ConfigChanges } from '../config/config.ts';
import { SETTINGS, type SettingInfo } from '../config/settings.ts';
import { didYouMean } from '../text/suggestions.ts';

/** Flags as cac parsed them, by camelCase name, and the arguments they came from. */
export interface Flags {
  readonly values: Readonly<Record<string, unknown>>;
  readonly argv: readonly string[];
}

/** What stands after a flag in the help. */
function placeholder({ declaration }: SettingInfo): string {
  switch (declaration.kind) {
    case 'boolean':
      return '';
    case 'choice':
      return ` <${declaration.choices.length > 3 ? 'name' : declaration.choices.join('|')}>`;
    case 'integer':
    case 'number':
      return ' <number>';
    case 'integers':
      return ' <n,n,…>';
    default:
      return ' <text>';
  }
}

/** Adds a flag for each setting in `paths` (all by default), with its help, choices and Decoy-MNIST default. */
export function addSettingFlags(command: Command, paths?: readonly string[]): Command {
  for (const setting of SETTINGS) {
    if (paths && !paths.includes(setting.path)) continue;
    const { flag, declaration } = setting;
    const { kind, help } = declaration;
    const many = kind === 'choice' && declaration.choices.length > 3;
    const list = many ? `: ${declaration.choices.join(', ')}` : '';
    const given = declaration.default;
    const start = kind === 'boolean' ? (given ? `on; --no-${flag} for off` : 'off') : String(given);
    command.option(`--${flag}${placeholder(setting)}`, `${help}${list} [${start}]`);
  }
  return command.ignoreOptionDefaultValue();
}

/** The settings among the flags, checked for being given once; `parseConfig` checks the values. */
export function readSettings(flags: Flags): ConfigChanges {
  const rooms: Record<string, Record<string, unknown>> = {};
  for (const { room, name, flag, declaration } of SETTINGS) {
    const value = readValue(flags, camelCase(flag), declaration.kind);
    if (value !== undefined) rooms[room] = { ...rooms[room], [name]: value };
  }
  return rooms;
}

function readValue(
  flags: Flags,
  option: string,
  kind: SettingInfo['declaration']['kind'],
): unknown {
  if (flags.values[option] === undefined) return undefined;
  if (kind === 'boolean') return flags.values[option];
  const text = textFlag(flags, option) as string;
  if (kind === 'integers') return text.split(',').map(toNumber);
  return kind === 'integer' || kind === 'number' ? toNumber(text) : text;
}

/** Flags of the settings that are changed, without the dashes. */
export const flagsOf = (settings: ConfigChanges): string[] =>
  SETTINGS.filter(({ room, name }) => Object.hasOwn(settings[room] ?? {}, name)).map(
    ({ flag }) => flag,
  );

/**
 * A flag's value as it was typed: cac reads `007` as 7 and an empty text as 0.
 *
 * @throws RangeError if it is given twice or empty
 */
export function textFlag({ values, argv }: Flags, name: string): string | undefined {
  const value = values[name];
  if (value === undefined) return undefined;
  const flag = `--${kebabCase(name)}`;
  if (Array.isArray(value))
    throw new RangeError(`${flag} is given ${value.length} times, expected once.`);
  if (typeof value === 'string') return value;
  const at = argv.findIndex(
    (arg) => arg.split('=', 1)[0] === flag || arg.split('=', 1)[0] === `--${name}`,
  );
  const [, ...rest] = argv[at].split('=');
  const text = rest.length > 0 ? rest.join('=') : argv[at + 1];
  if (!text) throw new RangeError(`${flag} has no value.`);
  return text;
}

/** @throws RangeError for a flag that the command does not have, with the nearest that it has. */
export function checkFlags(command: Command, { values }: Flags): void {
  const known = [...command.options, ...(command.globalCommand?.options ?? [])];
  const names = known.flatMap((option) => option.names);
  for (const name of Object.keys(values)) {
    if (name === '--' || names.includes(name)) continue;
    const flags = known.map((option) => kebabCase(option.name));
    const hint = didYouMean(kebabCase(name), flags).replace('mean ', 'mean --');
    throw new RangeError(
      `unknown flag --${kebabCase(name)}.${hint} See: gfsr ${command.name} --help`,
    );
  }
}

export function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

const camelCase = (flag: string): string =>
  flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** A number, or the text itself where it is none, so that the schema's error can show it. */
function toNumber(text: string): number | string {
  const value = Number(text);
  return text.trim() === '' || Number.isNaN(value) ? text : value;
}
