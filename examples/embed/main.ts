// A page that embeds the studio, keeps the marks itself, and listens to what happens in it.

import { createStudio, type StudioEventMap } from 'gfsr/studio';
import { shapes } from '../shapes.ts';

const KEY = 'marks of the example';
const element = document.getElementById('studio') as HTMLElement;
const news = document.getElementById('news') as HTMLElement;

function listen<N extends keyof StudioEventMap & string>(
  name: N,
  say: (event: StudioEventMap[N]) => string,
) {
  element.addEventListener(name, (event) => {
    news.textContent = say(event as unknown as StudioEventMap[N]);
  });
}

listen('change', ({ detail }) => `kept: ${detail.annotations.length} characters of marks`);
listen('spread', ({ detail }) => `spread to ${detail.images} images`);
listen('trained', () => 'trained');

await createStudio(element, {
  data: shapes(),
  storage: {
    name: 'this page',
    load: async () => localStorage.getItem(KEY) ?? undefined,
    save: async (annotations) => localStorage.setItem(KEY, annotations),
  },
}).catch((error: Error) => {
  news.textContent = error.message;
});
