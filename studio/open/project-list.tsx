// The data sets that this browser has, to go on with or to delete.

import { useSignal } from '@preact/signals';
import type { Opening } from './opening.ts';

export function ProjectList({ opening }: { opening: Opening }) {
  const { value: projects } = opening.projects;
  const asked = useSignal<string | undefined>(undefined);
  if (projects.length === 0) return null;
  /** Deleting cannot be undone, so the button asks once more, in its own place. */
  const removal = (key: string, text: string, work: () => Promise<void>) => (
    <button
      type="button"
      class={asked.value === key ? 'danger' : ''}
      onClick={() => {
        if (asked.value !== key) {
          asked.value = key;
          return;
        }
        asked.value = undefined;
        void work();
      }}
    >
      {asked.value === key ? 'Yes, delete the images and all marks' : text}
    </button>
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
              {removal(id, `Delete ${dataset.name}`, () => opening.remove(id))}
            </span>
          </li>
        ))}
      </ul>
      {removal('everything', 'Delete everything here', () => opening.removeEverything())}
    </section>
  );
}
