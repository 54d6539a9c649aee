// Where a person is on the page, kept in the fragment of its address: `#tab=mark&image=17`.

import { effect, signal } from '@preact/signals';

/** All tabs, in order. */
export const TABS = ['open', 'mark', 'concepts', 'train', 'see'] as const;
export type TabName = (typeof TABS)[number];

/** The state that a link carries. */
export interface Whereabouts {
  /** Absent or unknown in the address: the page decides. */
  readonly tab?: TabName;
  readonly image?: number;
}

export function parseFragment(fragment: string): Whereabouts {
  const given = new URLSearchParams(fragment.replace(/^#/, ''));
  const tab = TABS.find((name) => name === given.get('tab'));
  const image = given.get('image') ?? '';
  return { ...(tab && { tab }), ...(/^\d+$/.test(image) && { image: Number(image) }) };
}

export function formatFragment({ tab, image }: Whereabouts): string {
  const parts = [tab && `tab=${tab}`, image !== undefined && `image=${image}`];
  return `#${parts.filter(Boolean).join('&')}`;
}

/** The address of the page. Links change it, and so does whatever is written here. */
export class Address {
  readonly tab = signal<TabName | undefined>(undefined);
  readonly image = signal<number | undefined>(undefined);

  constructor() {
    const read = () => {
      const { tab, image } = parseFragment(location.hash);
      this.tab.value = tab ?? this.tab.value;
      this.image.value = image ?? this.image.value;
    };
    read();
    addEventListener('hashchange', read);
    effect(() => {
      const place = formatFragment({ tab: this.tab.value, image: this.image.value });
      history.replaceState(history.state, '', place);
    });
  }
}
