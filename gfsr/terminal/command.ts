// A command as one object: name, help, arguments and flags, which determine the types of the options of its `run`.

import type { Flags, FlagValues } from './flag.ts';
import type { Output } from './output.ts';

/** The arguments of a command by name, and the number of texts that each takes. */
export type Arguments = Readonly<Record<string, 'one' | 'optional' | 'many'>>;

type ArgumentValues<A extends Arguments> = {
  readonly [Name in keyof A]: A[Name] extends 'many'
    ? readonly string[]
    : A[Name] extends 'one'
      ? string
      : string | undefined;
};

export interface Command<A extends Arguments = Arguments, F extends Flags = Flags> {
  /** One word, or two where the first names a command too. */
  readonly name: string;
  /** One line, in lower case, without a full stop. */
  readonly help: string;
  /** In order; an argument that takes many texts comes last. */
  readonly arguments?: A;
  readonly flags: F;
  /** Command lines, without the name of the program. */
  readonly examples?: readonly string[];
  /** Does the work. Resolves to the exit code. */
  run(options: ArgumentValues<A> & FlagValues<F>, out: Output): Promise<number>;
}

/** Declares a command; its options have the types of its arguments and flags. */
export const defineCommand = <
  const A extends Arguments = Record<never, never>,
  const F extends Flags = Record<never, never>,
>(
  command: Command<A, F>,
): Command<A, F> => command;
