// Whether the marks are safe, and since when; and what is asked where they are not.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { formatFragment } from './address.ts';
import type { Desk } from './mark/desk.ts';
import type { Saving } from './mark/marks.ts';
import type { Project } from './storage/project.ts';

const SECOND = 1000;

export function SavingLine({ desk }: { desk: Desk }) {
  const now = useSignal(Date.now());
  useEffect(() => {
    const clock = setInterval(() => {
      now.value = Date.now();
    }, SECOND);
    return () => clearInterval(clock);
  }, []);
  const { value: saving } = desk.marks.saving;
  return (
    <p class={`saving ${saving.state}`}>
      <span role="status">{savingWords(saving, desk.project)}</span>
      {/* Outside of the status: nobody wants to hear it every second. */}
      {saving.state === 'saved' && ` ${agoWords(Math.max(0, now.value - saving.at))}`}
    </p>
  );
}

/** Asks which marks stay where some were not taken, one image after the other. */
export function RefusedMarks({ desk: { dataset, marks } }: { desk: Desk }) {
  const [refusal] = marks.refused.value;
  if (!refusal) return null;
  const { image, why, isStale } = refusal;
  const link = <a href={formatFragment({ tab: 'mark', image })}>{dataset.ids[image]}</a>;
  const button = (text: string, whose: 'own' | 'kept') => (
    <button type="button" onClick={() => marks.decide(image, whose)}>
      {text}
    </button>
  );
  return (
    <div role="alert" class="row">
      {isStale ? (
        <>
          <span>{link} was marked elsewhere since. Which marks stay?</span>
          {button('Mine', 'own')}
          {button('The others', 'kept')}
        </>
      ) : (
        <>
          <span>
            The last marks on {link} are not saved: {why}
          </span>
          {button('Take them off', 'kept')}
        </>
      )}
    </div>
  );
}

function savingWords(saving: Saving, { home, keeper }: Project): string {
  switch (saving.state) {
    case 'saved':
      return `saved in ${home}`;
    case 'saving':
      return 'saving …';
    case 'waiting':
      return `not saved yet: ${keeper} does not take them (${saving.why}). Your marks are kept in this browser, and saved as soon as it does.`;
    case 'refused':
      return `not saved: ${saving.why}`;
  }
}

/** How long ago: "2 s ago". */
function agoWords(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / SECOND);
  if (seconds < 60) return `${seconds} s ago`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ago` : `${Math.floor(minutes / 60)} h ago`;
}
