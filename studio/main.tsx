// The page: opens the data set that the server or this browser has, and shows the screen of the chosen tab.

import { render } from 'preact';
import { SavingLine } from './saving.tsx';
import { openServerProject } from './storage/server-project.ts';
import { Studio } from './studio.ts';
import { SCREENS, Tabs } from './tabs.tsx';

function Page({ studio }: { studio: Studio }) {
  const desk = studio.desk.value;
  const there = SCREENS.filter((screen) => screen.isThere(studio));
  const { View } = there.find(({ tab }) => tab === studio.tab.value) ?? there[0];
  return (
    <>
      <header>
        <h1>{desk?.dataset.name ?? 'GFSR'}</h1>
        <Tabs studio={studio} />
        {desk && (
          <>
            <p class="count">{desk.marks.count.value} marked</p>
            <SavingLine desk={desk} />
          </>
        )}
      </header>
      {desk && !desk.project.isWritable && (
        <p role="alert">
          Another tab marks this data set, so this one only shows it. Close the other one to mark
          here.
        </p>
      )}
      <main>
        <View studio={studio} />
      </main>
    </>
  );
}

const root = document.getElementById('page') as HTMLElement;
const isServed = root.dataset.source === 'server';
try {
  // Before the studio, which writes the address: the server's token stands there.
  const project = isServed ? await openServerProject() : undefined;
  const studio = new Studio({ isServed });
  if (project) await studio.show(project, studio.address.image.value);
  else await studio.openLatest();
  render(<Page studio={studio} />, root);
} catch (error) {
  render(<p role="alert">{(error as Error).message}</p>, root);
}
if (!isServed) void navigator.serviceWorker?.register('./service-worker.js');
