/**
 * Lets the screen be opened while the box is away (worker.js). Browsers allow it over https and on the box itself; where
 * they do not, the page that is open goes on all the same, and only a reload has to wait.
 * @param also addresses it may need later: the words of the other languages
 */
export async function keepForLater(also: readonly string[]): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register("/pages/door/worker.js", { scope: "/door/" });
  const { active } = await navigator.serviceWorker.ready;
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  active?.postMessage({ keep: [location.pathname, ...loaded, ...also] });
}

const key = (door: string): string => `limen-door-${door}`;

/** What this door was when the box was last heard; nothing personal is ever in it. */
export function remembered<T>(door: string): T | undefined {
  try {
    return JSON.parse(localStorage.getItem(key(door)) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

export function remember(door: string, screen: object): void {
  try {
    localStorage.setItem(key(door), JSON.stringify(screen));
  } catch {}
}
