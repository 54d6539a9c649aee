// Settings of the classifier: the architecture, and the settings of all architectures.

import { ARCHITECTURES, architectureSettings } from '../../model/architectures.ts';
import type { Setting, ValuesOf } from '../../model/setting.ts';
import type { Declarations } from './declaration.ts';

/** The value of the setting `init` without pretrained weights. */
export const RANDOM = 'random';

const shapesEveryStep = { reach: 'every arm', timed: true } as const;

type Shaping<S> = { readonly [Name in keyof S]: S[Name] & typeof shapesEveryStep };

const declare = <S extends Readonly<Record<string, Setting>>>(settings: S): Shaping<S> =>
  Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => [name, { ...setting, ...shapesEveryStep }]),
  ) as unknown as Shaping<S>;

export const modelSettings = {
  architecture: {
    kind: 'choice',
    choices: ARCHITECTURES,
    default: 'small-cnn',
    help: 'classifier',
    ...shapesEveryStep,
  },
  ...declare(architectureSettings),
  init: {
    kind: 'choice or file',
    choices: [RANDOM],
    extensions: ['.safetensors'],
    default: RANDOM,
    help: `weights to start from: ${RANDOM}, or pretrained ones (resnet18.safetensors) with their normalisation`,
    ...shapesEveryStep,
  },
} as const satisfies Declarations;

export type ModelSettings = ValuesOf<typeof modelSettings>;

/** Whether a value of the setting `init` names a file. */
export const isInitFile = (init: string): boolean => init !== RANDOM;
