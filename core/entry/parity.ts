import { timeOf } from "../ids.ts";

/** What the log still says of one attempt or one door event; never who. */
export interface ParityEvent {
  /** RFC 3339. */
  at: string;
  door: string;
  /** `decision`, or the door event's kind. */
  kind: string;
  attempt?: string;
  method?: string;
  outcome?: string;
  /** Which reader or camera fell silent. */
  detail?: string;
}

/** One way into one door, over the time looked at (RD-05). */
export interface WayParity {
  method: string;
  /** Attempts that were decided. */
  tries: number;
  /** Of those, how many the lock was released for. */
  opened: number;
  /** opened / tries; absent without a try. */
  success?: number;
  /** Milliseconds from sensing to the lock's release, nearest rank; absent when nothing opened. */
  medianMs?: number;
  p95Ms?: number;
  /** Share of the time in which nothing that serves this way was silent, 0 to 1. */
  uptime: number;
  /** Takes more than twice as long as face does here: whoever refuses is kept waiting. */
  slower: boolean;
  /** Was away more than face was. */
  lessUp: boolean;
}

/** How many times slower a way may be than face before it is called unequal (RD-05). */
export const tolerance = 2;
/** Openings a median needs before it is compared: fewer say more about one evening than about a door. */
export const enough = 5;
/** A share of the time that is a restart, not a neglected reader. */
const noticeable = 0.005;

/** What falls silent, and which ways fall with it. */
const servedBy = { reader: ["card", "pin", "pass"], camera: ["face"] } as const;

/**
 * How each way into a door did, side by side.
 * @param events of this door, in any order; those outside the time are left out
 * @param ways the door's methods as deployed; a way nobody used is listed too. Staff (`guard`) are nobody's way in
 */
export function doorParity(
  events: readonly ParityEvent[],
  ways: readonly string[],
  from: Date,
  to: Date,
): WayParity[] {
  const within = events.filter(
    ({ at }) => Date.parse(at) >= from.getTime() && Date.parse(at) <= to.getTime(),
  );
  const released = new Map<string, number>();
  for (const { kind, attempt, at } of within)
    if (kind === "opened" && attempt !== undefined) released.set(attempt, Date.parse(at));
  const used = within.flatMap(({ method }) => (method === undefined ? [] : [method]));
  const methods = [...new Set([...ways, ...used])].filter((method) => method !== "guard");
  const measured = methods.map((method) => measure(method, within, released, from, to));
  const face = measured.find(({ method }) => method === "face");
  return measured.map((way) => ({ ...way, ...(face && face !== way ? compared(way, face) : equal) }));
}

type Measured = Omit<WayParity, "slower" | "lessUp">;
const equal = { slower: false, lessUp: false };

const compared = (way: Measured, face: Measured): typeof equal => ({
  slower:
    way.opened >= enough &&
    face.opened >= enough &&
    way.medianMs !== undefined &&
    face.medianMs !== undefined &&
    way.medianMs > tolerance * face.medianMs,
  lessUp: face.uptime - way.uptime > noticeable,
});

function measure(
  method: string,
  events: readonly ParityEvent[],
  released: ReadonlyMap<string, number>,
  from: Date,
  to: Date,
): Measured {
  const tries = events.filter((event) => event.kind === "decision" && event.method === method);
  const times: number[] = [];
  let opened = 0;
  for (const { attempt, outcome } of tries) {
    const at = attempt === undefined ? undefined : released.get(attempt);
    if (outcome !== "granted" || at === undefined) continue;
    opened++;
    const took = at - timeOf(attempt!);
    if (took >= 0) times.push(took); // a clock that was put back in between measures nothing
  }
  times.sort((a, b) => a - b);
  return {
    method,
    tries: tries.length,
    opened,
    ...(tries.length > 0 && { success: opened / tries.length }),
    ...(times.length > 0 && { medianMs: rank(times, 0.5), p95Ms: rank(times, 0.95) }),
    uptime: uptime(method, events, from.getTime(), to.getTime()),
  };
}

/** Nearest rank: the smallest value that at least this share of them does not exceed. */
const rank = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]!;

/** Share of the time in which no reader (or camera) of this way was known to be silent. */
function uptime(method: string, events: readonly ParityEvent[], from: number, to: number): number {
  const kind = Object.entries(servedBy).find(([, ways]) => (ways as readonly string[]).includes(method))?.[0];
  if (kind === undefined || to <= from) return 1;
  const changes = events
    .filter((event) => event.kind === `${kind}-silent` || event.kind === `${kind}-back`)
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const silent = new Set<string>();
  // one that comes back without having gone was away before the time began
  const met = new Set<string>();
  for (const { kind: what, detail = "" } of changes) {
    if (!met.has(detail) && what === `${kind}-back`) silent.add(detail);
    met.add(detail);
  }
  let down = 0;
  let last = from;
  for (const { at, kind: what, detail = "" } of changes) {
    const now = Date.parse(at);
    if (silent.size > 0) down += now - last;
    last = now;
    if (what === `${kind}-silent`) silent.add(detail);
    else silent.delete(detail);
  }
  if (silent.size > 0) down += to - last;
  return 1 - down / (to - from);
}
