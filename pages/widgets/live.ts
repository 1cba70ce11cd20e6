/** How often it looks by itself while there is no stream, ms; and, to be safe, while there is one. */
const without = 900;
const besides = 15_000;

/** Looks at some doors, or at all. */
export type Look = (doors?: ReadonlySet<string>) => Promise<void>;

export type Line = "live" | "slow" | "vault-away";

/**
 * Looks again whenever something happened at a door: told by the stream within a moment, by itself where there is none.
 * @param look at what was told one at a time: what is told meanwhile is looked at in the next
 * @param line is told how fresh what is shown is
 * @returns ends it
 */
export function live(look: Look, line: (state: Line) => void): () => void {
  const source = new EventSource("/api/v1/events/stream");
  const told = new Set<string>();
  let looking = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  const lookAtTold = async () => {
    looking = true;
    while (told.size > 0 && !ended) {
      await new Promise((over) => setTimeout(over, 100)); // one opening is several events: they are looked at together
      const doors = new Set(told);
      told.clear();
      await look(doors).catch(() => undefined);
    }
    looking = false;
  };
  const next = () => {
    clearTimeout(timer);
    if (!ended) timer = setTimeout(every, source.readyState === EventSource.OPEN ? besides : without);
  };
  const every = () => {
    if (document.visibilityState === "visible") void look().finally(next);
    else next();
  };
  source.addEventListener("door", (event) => {
    told.add((JSON.parse((event as MessageEvent<string>).data) as { door: string }).door);
    if (!looking) void lookAtTold();
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
