// @ts-check
// Keeps the door's screen alive while the box restarts or the network is away: its own page, words and pictures, as they
// were last fetched. Never an answer of the API: what a door says is never an old one. Plain JavaScript without imports,
// because not every tablet's browser runs modules here.

const cacheName = "limen-door-1";
/** A box that does not answer by then counts as away, ms. */
const patience = 4000;
const kept = /^\/(pages|door|notice)\//;

/** @type {any} */
const worker = self;

worker.addEventListener("install", () => worker.skipWaiting());
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(worker.clients.claim()));

/** What the page had fetched before this worker was there. */
worker.addEventListener("message", (/** @type {any} */ event) => {
  const urls = Array.isArray(event.data?.keep) ? event.data.keep : [];
  event.waitUntil(
    caches
      .open(cacheName)
      .then((cache) => Promise.allSettled(urls.filter(isKept).map((url) => cache.add(url)))),
  );
});

worker.addEventListener("fetch", (/** @type {any} */ event) => {
  if (event.request.method === "GET" && isKept(event.request.url)) event.respondWith(answer(event.request));
});

/** @param {string} url */
function isKept(url) {
  const { origin, pathname } = new URL(url, worker.location.origin);
  return origin === worker.location.origin && kept.test(pathname);
}

/**
 * From the box, or as the box last answered.
 * @param {Request} request
 */
async function answer(request) {
  const cache = await caches.open(cacheName);
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(patience) });
    if (response.ok) await cache.put(request, response.clone());
    if (response.status < 500) return response;
    return (await cache.match(request, { ignoreSearch: true })) ?? response;
  } catch (error) {
    const last = await cache.match(request, { ignoreSearch: true });
    if (last) return last;
    throw error;
  }
}
