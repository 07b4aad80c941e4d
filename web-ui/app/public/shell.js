// Keeps the desk's page and files; what the station says is never kept.

const STORE = 'desk';

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

async function page(request) {
  const store = await caches.open(STORE);
  try {
    const fresh = await fetch(request);
    if (fresh.ok) {
      const told = await fresh.clone().text();
      const known = await store.match('/').then((page) => page?.text());
      // A new page names new files: all those of the one before go with it.
      if (told !== known) for (const kept of await store.keys()) await store.delete(kept);
      await store.put('/', fresh.clone());
    }
    return fresh;
  } catch (gone) {
    const kept = await store.match('/');
    if (kept) return kept;
    throw gone;
  }
}

async function file(request) {
  const store = await caches.open(STORE);
  const kept = await store.match(request);
  if (kept) return kept;
  const fresh = await fetch(request);
  if (fresh.ok) await store.put(request, fresh.clone());
  return fresh;
}

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (event.request.mode === 'navigate' && url.pathname === '/') event.respondWith(page(event.request));
  else if (url.pathname.startsWith('/assets/')) event.respondWith(file(event.request));
});
