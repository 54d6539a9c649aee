// Where a person is on the page, as the fragment of an address says it: `#tab=mark&image=17`.

import { effect, signal } from '@preact/signals';

/** All tabs, in order. */
const TABS = ['open', 'mark', 'concepts', 'train', 'see'] as const;
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

/** Where a person is. Links change it, and so does what is written here. */
export class Address {
  readonly tab = signal<TabName | undefined>(undefined);
  readonly image = signal<number | undefined>(undefined);

  /** Goes where a link leads; what the link does not say stays. */
  follow(fragment: string): void {
    const { tab, image } = parseFragment(fragment);
    this.tab.value = tab ?? this.tab.value;
    this.image.value = image ?? this.image.value;
  }
}

/** The address of a page of its own: the browser shows it, keeps it, and goes back in it. */
export class PageAddress extends Address {
  constructor() {
    super();
    const read = () => super.follow(location.hash);
    read();
    addEventListener('hashchange', read);
    effect(() => {
      const place = formatFragment({ tab: this.tab.value, image: this.image.value });
      history.replaceState(history.state, '', place);
    });
  }

  override follow(fragment: string): void {
    location.hash = fragment;
  }
}
