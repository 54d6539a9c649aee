// After a click on a control, keys are meant for the image again.

/**
 * A control beside the image that was used by pointer gives the focus to the image. Otherwise Space would press the
 * button once more instead of marking, and a letter would choose another class in the menu. Who uses the keyboard
 * stays on the control.
 *
 * @param heard where the events of the page arrive
 * @returns what ends it
 */
export function returnFocus(heard: EventTarget): () => void {
  let isByPointer = false;
  const listeners: Readonly<Record<string, (event: Event) => void>> = {
    pointerdown: () => {
      isByPointer = true;
    },
    keydown: () => {
      isByPointer = false;
    },
    click: (event) => isByPointer && leave(event, 'button, input'),
    change: (event) => isByPointer && leave(event, 'select'),
  };
  for (const [name, listen] of Object.entries(listeners)) heard.addEventListener(name, listen);
  return () => {
    for (const [name, listen] of Object.entries(listeners)) heard.removeEventListener(name, listen);
  };
}

function leave({ target }: Event, controls: string): void {
  if (!(target instanceof Element)) return;
  const marking = target.closest(controls)?.closest('.marking');
  marking?.querySelector<HTMLElement>('.image')?.focus({ preventScroll: true });
}
