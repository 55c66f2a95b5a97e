// Keeps the courier's page and its files, so that it opens without a network. KEPT is written
// above by the server. Nothing of the run comes here: that is in IndexedDB, under its person.

const CACHE = `courier-${KEPT.version}`;
const SHELL = "/portal/courier";
const PATIENCE_MS = 5_000;

async function refreshed(request) {
  const answer = await fetch(request);
  if (answer.ok && !answer.redirected) {
    const cache = await caches.open(CACHE);
    await cache.put(SHELL, answer.clone());
    await dropOthers();
  }
  return answer;
}

// Only once this version has its page: an older page goes with its own files.
async function dropOthers() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("courier-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function page(request) {
  const known = await caches.match(SHELL);
  if (!known) return refreshed(request);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, null));
  const answer = await Promise.race([refreshed(request).catch(() => null), late]);
  return answer === null || answer.status >= 500 ? known : answer;
}

self.addEventListener("install", (event) => {
  const fill = async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(KEPT.files);
    await refreshed(new Request(SHELL, { credentials: "same-origin" })).catch(() => null);
  };
  event.waitUntil(fill().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && url.pathname === SHELL) {
    event.respondWith(page(request));
  } else if (KEPT.files.includes(url.pathname + url.search)) {
    event.respondWith(caches.match(request).then((known) => known ?? fetch(request)));
  }
});
