import { notWatched, type WatchedKind } from "../core/entry/alarms.ts";
import { LimenError } from "../core/errors.ts";
import type { Request } from "./protocol/index.ts";
import type { Services } from "./services.ts";

/**
 * Ends alarms about what the flow that has just been taken watches no more: a dead reader whose node was removed would
 * stand on the door wall until somebody wired one of that name again. Each is on the record, with what it was about.
 */
export async function endUnwatched(
  services: Pick<Services, "alarms" | "broadcast" | "clock" | "log" | "readers">,
  { doors, cameras }: Request<"configure">,
): Promise<void> {
  const { alarms, broadcast, clock, log, readers } = services;
  const isWatched = (door: string, kind: WatchedKind, part: string): boolean => {
    const here = doors.find(({ id }) => id === door);
    if (!here) return false; // the door itself is gone
    if (kind === "camera-silent") return cameras.some((camera) => camera.door === door && camera.id === part);
    if (!here.watched) return true;
    const { kinds, readers: names } = here.watched;
    return kind === "reader-silent" ? names.includes(part) : kinds.includes(kind);
  };
  for (const { door, kind, part } of alarms.watched()) {
    if (isWatched(door, kind, part)) continue;
    const at = clock.now();
    const detail = `${kind} ${part}`.trim();
    const fields = { at: at.toISOString(), door, kind: notWatched, attempt: null, detail };
    try {
      await log.append({ class: "door-event", at, door, fields });
    } catch (error) {
      if (!(error instanceof LimenError)) throw error;
      continue; // without a record it goes on standing, and is looked at again with the next deploy
    }
    if (kind === "reader-silent") readers.drop(door, part);
    broadcast({ event: "door", door, kind: notWatched });
  }
}
