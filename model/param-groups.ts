// What an optimiser is given: parameters, or groups of them with learning rates of their own.

import { Tensor } from '../engine/core/tensor.ts';

/** Named parameters, such as `weights.parameters`. Those of an array are named by index: `0`, `1`, … */
export type Parameters = ReadonlyMap<string, Tensor> | readonly Tensor[];

/** Parameters with a learning rate of their own, as in PyTorch's `param_groups`. */
export interface ParamGroup {
  readonly params: Parameters;
  /** Their learning rate as a multiple of `lr`, so that one schedule serves all groups; finite and ≥ 0. Default 1. */
  readonly lrScale?: number;
}

/** A group whose tensors have names. */
export interface NamedGroup {
  readonly names: readonly string[];
  readonly params: readonly Tensor[];
  readonly lrScale: number;
}

const isGroup = (value: unknown): value is ParamGroup =>
  !(value instanceof Tensor) && Object.hasOwn(Object(value), 'params');

/**
 * The groups, or one of all parameters; without those that are empty.
 *
 * @throws TypeError for neither a map nor an array, RangeError for a learning rate that is not a number ≥ 0
 */
export function checkGroups(parameters: Parameters | readonly ParamGroup[]): NamedGroup[] {
  const isMap = parameters instanceof Map;
  if (!isMap && !Array.isArray(parameters)) {
    throw new TypeError(
      'optimizer: parameters is neither a Map nor an array of tensors. Pass weights.parameters of a model.',
    );
  }
  const list: readonly (Tensor | ParamGroup)[] = isMap ? [] : parameters;
  const groups =
    list.length > 0 && list.every(isGroup)
      ? (list as readonly ParamGroup[])
      : [{ params: parameters as Parameters }];
  let count = 0;
  return groups.flatMap(({ params, lrScale = 1 }: ParamGroup) => {
    if (!(lrScale >= 0 && lrScale < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`optimizer: lrScale is ${lrScale}, expected a number ≥ 0.`);
    }
    const entries: [string, Tensor][] =
      params instanceof Map ? [...params] : [...params.values()].map((p) => [`${count++}`, p]);
    if (entries.length === 0) return [];
    const [names, tensors] = [entries.map(([name]) => name), entries.map(([, tensor]) => tensor)];
    return [{ names, params: tensors, lrScale }];
  });
}

/**
 * An optimiser that received something else would train nothing.
 *
 * @throws TypeError for what is not a tensor, RangeError for no parameters or one that is there twice
 */
export function checkParameters(names: readonly string[], params: readonly Tensor[]): void {
  if (params.length === 0) throw new RangeError('optimizer: got no parameters, expected one.');
  params.forEach((param, i) => {
    if (!(param instanceof Tensor)) {
      throw new TypeError(
        `optimizer: parameter ${names[i]} is ${typeof param}, expected a Tensor.`,
      );
    }
    const first = params.indexOf(param);
    if (first < i) {
      throw new RangeError(
        `optimizer: parameters ${names[first]} and ${names[i]} are one tensor. Give it once.`,
      );
    }
  });
}
