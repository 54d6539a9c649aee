// Settings as command-line flags: one flag for each entry of the config schema, read back as it was typed.

import type { Command } from 'cac';
import {
  type Config,
  defaultConfig,
  didYouMean,
  type SettingInfo,
  settingInfos,
} from '../config/config.ts';

/** Flags as cac parsed them, by camelCase name, and the arguments they came from. */
export interface Flags {
  readonly values: Readonly<Record<string, unknown>>;
  readonly argv: readonly string[];
}

const PLACEHOLDERS: Readonly<Record<SettingInfo['kind'], string>> = {
  boolean: '',
  number: ' <number>',
  numbers: ' <n,n,…>',
  text: ' <text>',
};

/** Adds a flag for each setting in `names` (all by default), with its help, choices and Decoy-MNIST default. */
export function addSettingFlags(command: Command, names?: readonly (keyof Config)[]): Command {
  for (const { name, kind, help, choices } of settingInfos) {
    if (names && !names.includes(name)) continue;
    const flag = kebabCase(name);
    const value = choices
      ? ` <${choices.length > 3 ? 'name' : choices.join('|')}>`
      : PLACEHOLDERS[kind];
    const list = choices && choices.length > 3 ? `: ${choices.join(', ')}` : '';
    const given = defaultConfig[name];
    const start = kind === 'boolean' ? (given ? `on; --no-${flag} for off` : 'off') : String(given);
    command.option(`--${flag}${value}`, `${help}${list} [${start}]`);
  }
  return command.ignoreOptionDefaultValue();
}

/** The settings among the flags, checked for being given once; `parseConfig` checks the values. */
export function readSettings(flags: Flags): Record<string, unknown> {
  return Object.fromEntries(
    settingInfos.flatMap(({ name, kind }) => {
      if (flags.values[name] === undefined) return [];
      if (kind === 'boolean') return [[name, flags.values[name]]];
      const text = textFlag(flags, name) as string;
      if (kind === 'text') return [[name, text]];
      return [[name, kind === 'numbers' ? text.split(',').map(toNumber) : toNumber(text)]];
    }),
  );
}

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

/** A number, or the text itself where it is none, so that the schema's error can show it. */
function toNumber(text: string): number | string {
  const value = Number(text);
  return text.trim() === '' || Number.isNaN(value) ? text : value;
}
