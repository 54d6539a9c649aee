// Leaves a part of a screen out until the rest has been drawn.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { inTurn } from './in-turn.ts';

/** False when a component is drawn first, and true in its turn after that: all parts at once take a task too long. */
export function useTurn(): boolean {
  const isDue = useSignal(false);
  useEffect(() => {
    void inTurn(() => {
      isDue.value = true;
    });
  }, []);
  return isDue.value;
}
