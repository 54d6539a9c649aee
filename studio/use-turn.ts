// Leaves a part of a screen out until the rest has been drawn.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { inFrame } from './in-turn.ts';

/** False when a component is drawn first, then true in a frame of its own: all parts at once take a task too long. */
export function useTurn(): boolean {
  const isDue = useSignal(false);
  useEffect(
    () =>
      inFrame(() => {
        isDue.value = true;
      }),
    [],
  );
  return isDue.value;
}
