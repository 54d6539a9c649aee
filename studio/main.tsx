// The studio as a page of its own: opens the data set that the server or this browser has.

import { effect } from '@preact/signals';
import { render } from 'preact';
import { PageAddress } from './address.ts';
import { Page } from './page.tsx';
import { openServerProject } from './storage/server-project.ts';
import { Studio } from './studio.ts';

/** The title says how far a training is, for people who look at another tab meanwhile. */
function keepTitle(studio: Studio): void {
  const { title } = document;
  effect(() => {
    const { value: training } = studio.training;
    const share = training?.state === 'running' ? (training.progress?.share ?? 0) : undefined;
    document.title = share === undefined ? title : `${Math.floor(100 * share)} % · ${title}`;
  });
}

const root = document.getElementById('page') as HTMLElement;
const isServed = root.dataset.source === 'server';
try {
  // Before the address is written: the server's token stands there.
  const project = isServed ? await openServerProject() : undefined;
  const address = new PageAddress();
  const studio = new Studio({ address, keys: window, isOpening: !isServed });
  if (project) await studio.show(project, address.image.value);
  else await studio.openLatest();
  keepTitle(studio);
  render(<Page studio={studio} />, root);
} catch (error) {
  render(<p role="alert">{(error as Error).message}</p>, root);
}
if (!isServed) void navigator.serviceWorker?.register('./service-worker.js');
