/** How often it looks by itself while there is no stream, ms; and, to be safe, while there is one. */
const without = 900;
const besides = 15_000;

export type Line = "live" | "slow" | "vault-away";

/**
 * Looks again whenever something happened at a door: told by the stream within a moment, by itself where there is none.
 * @param look one door, or all
 * @param line is told how fresh what is shown is
 * @returns ends it
 */
export function live(look: (door?: string) => Promise<void>, line: (state: Line) => void): () => void {
  const source = new EventSource("/api/v1/events/stream");
  const waiting = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  const next = () => {
    clearTimeout(timer);
    if (!ended) timer = setTimeout(every, source.readyState === EventSource.OPEN ? besides : without);
  };
  const every = () => {
    if (document.visibilityState === "visible") void look().finally(next);
    else next();
  };
  source.addEventListener("door", (event) => {
    const { door } = JSON.parse((event as MessageEvent<string>).data) as { door: string };
    if (waiting.has(door)) return;
    waiting.add(door);
    // one opening is several events: they are looked at together
    setTimeout(() => {
      waiting.delete(door);
      if (!ended) void look(door);
    }, 100);
  });
  source.addEventListener("vault", (event) => {
    const { up } = JSON.parse((event as MessageEvent<string>).data) as { up: boolean };
    line(up ? "live" : "vault-away");
    if (up) void look();
    next();
  });
  source.addEventListener("error", () => {
    line("slow");
    next();
  });
  next();
  return () => {
    ended = true;
    clearTimeout(timer);
    source.close();
  };
}
