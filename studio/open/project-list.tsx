// The data sets that this browser has, to go on with or to delete.

import { useSignal } from '@preact/signals';
import type { Opening } from './opening.ts';

export function ProjectList({ opening }: { opening: Opening }) {
  const { value: projects } = opening.projects;
  const asked = useSignal<string | undefined>(undefined);
  if (projects.length === 0) return null;
  const ask = (key: string | undefined) => {
    asked.value = key;
  };
  const removal = (key: string, text: string) => (
    <button type="button" aria-expanded={asked.value === key} onClick={() => ask(key)}>
      {text}
    </button>
  );
  /** Deleting cannot be undone: it is asked once more, below, where a double click does not hit it. */
  const question = (key: string, work: () => Promise<void>) =>
    asked.value === key && (
      <div class="row question">
        <button
          type="button"
          class="danger"
          onClick={() => {
            ask(undefined);
            void work();
          }}
        >
          Yes, delete the images and all marks
        </button>
        <button type="button" onClick={() => ask(undefined)}>
          Cancel
        </button>
      </div>
    );
  return (
    <section aria-labelledby="projects-title">
      <h2 id="projects-title">In this browser</h2>
      <ul class="projects">
        {projects.map(({ id, dataset, count, opened }) => (
          <li key={id}>
            <span>
              <b>{dataset.name}</b>, {count} images, {dataset.classes.length} classes, last open{' '}
              {new Date(opened).toLocaleString()}
            </span>
            <span class="row">
              <button type="button" onClick={() => void opening.resume(id)}>
                Go on with {dataset.name}
              </button>
              {removal(id, `Delete ${dataset.name}`)}
            </span>
            {question(id, () => opening.remove(id))}
          </li>
        ))}
      </ul>
      {removal('everything', 'Delete everything here')}
      {question('everything', () => opening.removeEverything())}
    </section>
  );
}
