// The marking page: opens the data set that the server has, and shows it for marking.

import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import { MarkCanvas } from './mark/canvas.tsx';
import { Controls } from './mark/controls.tsx';
import { Desk } from './mark/desk.ts';
import { Filmstrip } from './mark/filmstrip.tsx';
import { KeyList } from './mark/key-list.tsx';
import { actionOf } from './mark/keys.ts';
import type { Saving } from './mark/marks.ts';
import type { Project } from './storage/project.ts';
import { openServerProject } from './storage/server-project.ts';

function Page({ desk }: { desk: Desk }) {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const action = actionOf(desk.keys.value, event);
      if (!action || belongsToControl(event)) return;
      event.preventDefault();
      desk.act(action);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  const { dataset, image, images, position, marks, showClass, spoken, showHelp } = desk;
  return (
    <>
      <header>
        <h1>{dataset.name}</h1>
        <p>
          image {position.value + 1} of {images.value.length}
          {showClass.value && (
            <>
              : <b>{desk.classOf(image.value)}</b>
            </>
          )}{' '}
          <span class="id">{dataset.ids[image.value]}</span>
        </p>
        <p class="count">{marks.count.value} marked</p>
        <p class={`saving ${marks.saving.value.state}`} role="status">
          {savingText(marks.saving.value, desk.project)}
        </p>
      </header>
      {!desk.project.isWritable && (
        <p role="alert">
          Another tab marks this data set, so this one only shows it. Close the other one to mark
          here.
        </p>
      )}
      <main>
        <MarkCanvas desk={desk} />
        <Controls desk={desk} />
      </main>
      <p class="spoken" role="status" aria-live="polite">
        {spoken.value || 'Arrow keys move from segment to segment. ? lists all keys.'}
      </p>
      <Filmstrip desk={desk} />
      {showHelp.value && <KeyList desk={desk} />}
    </>
  );
}

/** Space and Enter press a button, arrows choose among radio buttons and options: those keys stay theirs. */
function belongsToControl({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLSelectElement) return true;
  if (target instanceof HTMLInputElement) return key.startsWith('Arrow') || key === ' ';
  return target instanceof HTMLButtonElement && (key === ' ' || key === 'Enter');
}

function savingText(saving: Saving, { home, keeper }: Project): string {
  switch (saving.state) {
    case 'saved':
      return `saved in ${home}`;
    case 'saving':
      return 'saving …';
    case 'waiting':
      return `not saved yet: ${keeper} does not answer (${saving.why}). Your marks are kept in this browser, and saved as soon as it does.`;
    case 'refused':
      return `not saved: ${saving.why}`;
  }
}

const root = document.getElementById('page') as HTMLElement;
try {
  const project = await openServerProject();
  document.title = `${project.dataset.name}: mark`;
  render(<Page desk={new Desk(project, await project.place())} />, root);
} catch (error) {
  render(<p role="alert">{(error as Error).message}</p>, root);
}
