// The Mark screen: one image to mark, the controls beside it, and the images around it.

import { useEffect } from 'preact/hooks';
import type { Studio } from '../studio.ts';
import { MarkCanvas } from './canvas.tsx';
import { Controls } from './controls.tsx';
import type { Desk } from './desk.ts';
import { Filmstrip } from './filmstrip.tsx';
import { KeyList } from './key-list.tsx';
import { actionOf, isOfControl } from './keys.ts';
import type { LiveMasks } from './live-masks.ts';
import { MaskPane } from './mask-pane.tsx';
import { returnFocus } from './return-focus.ts';

export function MarkScreen({ studio }: { studio: Studio }) {
  const { value: desk } = studio.desk;
  if (!desk) return null;
  return <Marking key={desk.project} studio={studio} desk={desk} />;
}

/** Its effects follow one desk. When another tab has let go of the data, a new one opens, with a screen of its own. */
function Marking({ studio, desk }: { studio: Studio; desk: Desk }) {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const action = actionOf(desk.keys.value, 'mark', event);
      if (!action || isOfControl(event)) return;
      event.preventDefault();
      desk.act(action);
    };
    const { keys } = studio;
    keys.addEventListener('keydown', press as EventListener);
    const quiet = returnFocus(keys);
    return () => {
      quiet();
      keys.removeEventListener('keydown', press as EventListener);
    };
  }, [desk]);
  const { dataset, image, course, showClass, spoken, showHelp } = desk;
  const given = desk.classes.correctedFrom(image.value);
  return (
    <>
      <p class="where">
        training image {course.position.value + 1} of {course.images.value.length}
        {showClass.value && (
          <>
            : <b>{desk.classes.of(image.value)}</b>
            {given !== undefined && ` (in the data: ${given})`}
          </>
        )}{' '}
        <span class="id">{dataset.ids[image.value]}</span>
      </p>
      {course.order.value === 'queue' && <Reason desk={desk} masks={studio.masks(desk)} />}
      <div class="marking">
        <MarkCanvas desk={desk} />
        <p class="spoken" role="status" aria-live="polite">
          {spoken.value || 'Arrow keys move from segment to segment. ? lists all keys.'}
        </p>
        <Controls desk={desk} />
        {desk.showMasks.value && <MaskPane desk={desk} masks={studio.masks(desk)} />}
        <Filmstrip desk={desk} />
      </div>
      {showHelp.value && <KeyList desk={desk} screen="mark" />}
    </>
  );
}

/** Why the queue has put this image here, or how far it is. */
function Reason({ desk, masks }: { desk: Desk; masks: LiveMasks }) {
  const reason = desk.course.reason(desk.image.value);
  return (
    <p class="hint">
      {reason
        ? `Why this image: ${reason}.`
        : desk.course.hasQueue.value
          ? 'Next is the image that is most worth marking.'
          : `The queue is being made: ${masks.status.value}`}
    </p>
  );
}
