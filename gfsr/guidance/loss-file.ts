// Loads a relevance loss, or a function to check, from a user's file.

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Checked } from '../../engine/autodiff/gradcheck.ts';
import { isLossFile } from '../config/guidance.ts';
import { readBytes } from '../files/read-file.ts';
import { tryLoading } from './loading-trial.ts';
import { defineRelevanceLoss, type RelevanceLoss, relevanceLossNamed } from './losses.ts';
import { callUserCode, placeOf } from './user-code.ts';
import { describeThrown } from './user-code-error.ts';

/** What `gfsr gradcheck` accepts besides a relevance loss: a function, and the shapes of its inputs. */
export interface CheckedFunction {
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly f: Checked;
}

const EXPECTED =
  'a default export: defineRelevanceLoss({ name, source, loss }), or { inputs: { x: [2, 3] }, f: ({ x }) => … }';

const NOT_FOUND =
  ' Imports are resolved from the folder of the file. Put it into a folder of this clone (such as mine/my-loss.ts), or of a project in which gfsr is installed.';
const FIXES: Readonly<Record<string, string>> = {
  ERR_UNKNOWN_FILE_EXTENSION: ' This Node cannot read TypeScript. Use Node ≥ 22.18, or a .js file.',
  ERR_MODULE_NOT_FOUND: NOT_FOUND,
  MODULE_NOT_FOUND: NOT_FOUND,
};

/** What the TypeScript compiler says before the mistake itself. */
const COMPILER = /^.*?: ERROR: /s;

/**
 * The default export of a module.
 *
 * @throws RangeError naming the file if it cannot be loaded; UserCodeError if loading it never ends or harms other code
 */
async function importDefault(path: string): Promise<unknown> {
  await readBytes(path);
  const place = await tryLoading(path);
  let value: unknown;
  try {
    value = (await import(pathToFileURL(resolve(path)).href)).default;
  } catch (error) {
    const { code } = Object(error) as NodeJS.ErrnoException;
    // For modules loaded as CommonJS, the message lists the importers on further lines.
    const [what] = describeThrown(error).replace(COMPILER, '').split('\n');
    const where = placeOf(error) || place;
    throw new RangeError(`cannot load "${path}": ${what}${where}.${FIXES[code ?? ''] ?? ''}`);
  }
  // A TypeScript loader turns a file into CommonJS if no package.json declares it a module, and so everything it
  // imports.
  if ((value as { __esModule?: boolean } | undefined)?.__esModule) {
    throw new RangeError(
      `cannot load "${path}": it is loaded as CommonJS, with a second copy of gfsr. Rename it to .mts or .mjs.`,
    );
  }
  return value;
}

const isLoss = (value: unknown): value is RelevanceLoss =>
  typeof (value as RelevanceLoss | undefined)?.loss === 'function';

/** The loss that the setting `loss` names: a built-in one, or that of a file. */
export const loadLoss = async (setting: string): Promise<RelevanceLoss> =>
  isLossFile(setting) ? loadLossFile(setting) : relevanceLossNamed(setting);

/** Loads a file that defines a relevance loss. @throws RangeError naming the file if anything in it is wrong */
export async function loadLossFile(path: string): Promise<RelevanceLoss> {
  const value = await importDefault(path);
  if (!isLoss(value)) {
    throw new RangeError(
      `${path}: got ${describe(value)}, expected a default export made with defineRelevanceLoss.`,
    );
  }
  return defined(value, path);
}

/** Checks a definition like `defineRelevanceLoss`, because a file need not call that, and guards its calls. */
function defined(value: RelevanceLoss, path: string): RelevanceLoss {
  try {
    defineRelevanceLoss(value);
  } catch (error) {
    throw new RangeError(`${path}: ${(error as Error).message}`);
  }
  return guarded(value, STEP_SECONDS);
}

/**
 * The limit of a call that records a training step. It is generous, because saliency is computed and kernels are
 * compiled within the call.
 */
const STEP_SECONDS = 60;

/** The loss with a time limit and clear errors for each call. */
export const guarded = (loss: RelevanceLoss, seconds: number): RelevanceLoss => ({
  ...loss,
  loss: (inputs) => callUserCode(loss.name, seconds, () => loss.loss(inputs)),
});

/** The built-in loss of that name, or what a file defines: a loss, or a function with the shapes of its inputs. */
export async function loadChecked(path: string): Promise<RelevanceLoss | CheckedFunction> {
  if (!isLossFile(path)) return relevanceLossNamed(path);
  const value = await importDefault(path);
  if (isLoss(value)) return defined(value, path);
  const { inputs, f } = (value ?? {}) as Partial<CheckedFunction>;
  const shapes = Object.values(inputs ?? {});
  if (typeof f !== 'function' || shapes.length === 0 || !shapes.every(Array.isArray)) {
    throw new RangeError(`${path}: got ${describe(value)}, expected ${EXPECTED}.`);
  }
  return value as CheckedFunction;
}

const describe = (value: unknown): string =>
  value === undefined ? 'no default export' : `a default export of type ${typeof value}`;
