// Keeps the files of the page, so that it opens again without a network. The build fills in which files there are.
const { version, files } = KEPT_FILES;
const NAME = `gfsr-studio ${version}`;

addEventListener('install', (event) => {
  // Past the browser's own cache, which may have files of another version.
  const fresh = files.map((file) => new Request(file, { cache: 'reload' }));
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(fresh)));
  skipWaiting();
});

addEventListener('activate', (event) => {
  const old = (name) => name.startsWith('gfsr-studio ') && name !== NAME;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => clients.claim()),
  );
});

addEventListener('fetch', (event) => {
  if (event.request.method !== 'GET') return;
  const { origin } = new URL(event.request.url);
  if (origin !== location.origin) return;
  const kept = caches.match(event.request, { cacheName: NAME, ignoreSearch: true });
  event.respondWith(kept.then((answer) => answer ?? fetch(event.request)));
});
