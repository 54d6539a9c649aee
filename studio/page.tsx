// What is always seen: the name of the data set, the tabs, whether marks are safe, and the screen of the chosen tab.

import { RefusedMarks, SavingLine } from './saving.tsx';
import type { Studio } from './studio.ts';
import { SCREENS, Tabs } from './tabs.tsx';

export function Page({ studio }: { studio: Studio }) {
  const desk = studio.desk.value;
  const there = SCREENS.filter((screen) => screen.isThere(studio));
  const { View } = there.find(({ tab }) => tab === studio.tab.value) ?? there[0];
  const Name = studio.isEmbedded ? 'p' : 'h1';
  const Content = studio.isEmbedded ? 'div' : 'main';
  return (
    <>
      <header>
        <Name class="name">{desk?.dataset.name ?? 'GFSR'}</Name>
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
      {desk && <RefusedMarks desk={desk} />}
      <Content class="content">
        <View studio={studio} />
      </Content>
    </>
  );
}
