// The screens of the page, and the links between them.

import type { ComponentType } from 'preact';
import { formatFragment, type TabName } from './address.ts';
import { ConceptScreen } from './concepts/screen.tsx';
import { MarkScreen } from './mark/screen.tsx';
import { OpenScreen } from './open/screen.tsx';
import { SeeScreen } from './see/screen.tsx';
import type { Studio } from './studio.ts';
import { TrainScreen } from './train/screen.tsx';

/** One tab. */
export interface Screen {
  readonly tab: TabName;
  readonly title: string;
  /** Whether there is anything to show; otherwise there is no tab. */
  readonly isThere: (studio: Studio) => boolean;
  readonly View: ComponentType<{ readonly studio: Studio }>;
}

/** In the order of their tabs. */
export const SCREENS: readonly Screen[] = [
  { tab: 'open', title: 'Open', isThere: ({ isOpening }) => isOpening, View: OpenScreen },
  { tab: 'mark', title: 'Mark', isThere: ({ desk }) => !!desk.value, View: MarkScreen },
  {
    tab: 'concepts',
    title: 'Concepts',
    isThere: ({ desk }) => !!desk.value,
    View: ConceptScreen,
  },
  { tab: 'train', title: 'Train', isThere: ({ desk }) => !!desk.value, View: TrainScreen },
  { tab: 'see', title: 'See', isThere: ({ desk }) => !!desk.value, View: SeeScreen },
];

/** Links, not buttons: the browser's Back returns to the tab before, and arrow keys stay free for segments. */
export function Tabs({ studio }: { studio: Studio }) {
  const { address, tab } = studio;
  return (
    <nav class="tabs" aria-label="screens">
      {SCREENS.filter((screen) => screen.isThere(studio)).map(({ tab: name, title }) => (
        <a
          key={name}
          href={formatFragment({ tab: name, image: address.image.value })}
          aria-current={tab.value === name ? 'page' : undefined}
        >
          {title}
        </a>
      ))}
    </nav>
  );
}
