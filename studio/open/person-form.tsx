// Who marks: several people can mark the same images, one after the other, each with marks of their own.

import { useSignal } from '@preact/signals';
import type { Desk } from '../mark/desk.ts';
import type { BrowserProject } from '../storage/browser-project.ts';
import type { Opening } from './opening.ts';

interface PersonFormProps {
  readonly opening: Opening;
  readonly desk: Desk;
  readonly project: BrowserProject;
}

export function PersonForm({ opening, desk, project }: PersonFormProps) {
  const { annotator } = project.dataset;
  const name = useSignal('');
  const person = name.value.trim();
  const others = project.people().filter((each) => each !== annotator);
  const submit = (event: Event) => {
    event.preventDefault();
    void opening.markAs(desk, person);
  };
  return (
    <form class="row" onSubmit={submit}>
      <p>
        Marked by <b>{annotator}</b>
        {others.length > 0 && `; there are marks of ${others.join(', ')}, too`}.
      </p>
      <datalist id="people">
        {others.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <label>
        Another person
        <input
          list="people"
          value={name.value}
          disabled={!project.isWritable}
          onInput={({ currentTarget }) => {
            name.value = currentTarget.value;
          }}
        />
      </label>
      <button type="submit" disabled={person === '' || person === annotator}>
        Mark as this person
      </button>
    </form>
  );
}
