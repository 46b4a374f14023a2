// Keeps the pages of 现场巡检 on the tablet: from the network while there is one, else as they were.
// The sheets themselves and what was filled are not here but in the page's own store.
"use strict";
const KEPT = "tablet-1";
const PATIENCE = 4000; // milliseconds a weak network gets before the kept page is shown
const page = /^\/inspections\/[-\w]+\/$/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith("tablet-") && name !== KEPT) await caches.delete(name);
  await self.clients.claim();
})()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (page.test(url.pathname) || url.pathname.startsWith("/static/")) event.respondWith(answer(event.request));
});
async function answer(request) {
  const kept = await caches.open(KEPT);
  const held = await kept.match(request);
  const stop = new AbortController();
  const timer = held ? setTimeout(() => stop.abort(), PATIENCE) : 0;
  try {
    const fresh = await fetch(request, { signal: stop.signal });
    if (fresh.ok && !fresh.redirected && fresh.type === "basic") await kept.put(request, fresh.clone());
    return fresh;
  } catch (error) {
    if (held) return held;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
