import type { Alarm } from "../../core/entry/alarms.ts";
import type { EntryAttempt, Method } from "../../core/entry/attempt.ts";
import { mark, viewOf } from "../../core/entry/book.ts";
import { usualDrillDays } from "../../core/entry/drills.ts";
import { LimenError } from "../../core/errors.ts";
import type { Handlers } from "../handlers.ts";
import type { Services } from "../services.ts";
import type { Door } from "../site.ts";
import { askedAt } from "./emergencies.ts";
import { requireDoors } from "./people.ts";

/** Looking at doors, and helping somebody through one. */
export const doorVerbs = (
  services: Services,
): Pick<
  Handlers,
  "assist" | "door.drill" | "door.list" | "door.screen" | "door.test" | "event.list" | "lockdown.set"
> => {
  const { alarms, broadcast, cameras, clock, lockdown, log, site } = services;
  return {
    "lockdown.set"({ doors, on, reason }, { actor }) {
      requireDoors(site, doors);
      const at = clock.now();
      const entries = doors.map((door) => ({
        class: "door-event" as const,
        at,
        door,
        fields: {
          at: at.toISOString(),
          door,
          kind: on ? "locked-down" : "lockdown-over",
          reason,
          by: actor.id,
        },
      }));
      log.appendWith(entries, () => lockdown.write(doors, on, at));
      lockdown.set(doors, on);
      for (const door of doors)
        broadcast({ event: "door", door, kind: on ? "locked-down" : "lockdown-over" });
      return { locked: lockdown.doors };
    },

    "door.list": (_, { actor }) => ({
      doors: site.doors.map((door) => ({
        id: door.id,
        name: door.name,
        class: door.class,
        ways: door.ways,
        state: site.state(door.id, clock.monotonic()),
        ...(lockdown.has(door.id) && { locked: true }),
        ...standing(alarms.at(door.id)),
        ...(actsOnThreats.has(actor.role) && alarms.marked(door.id) && { marked: true }),
        ...asking(services, door),
        ...(door.egress && { drill: drillOf(services, door.id) }),
      })),
      ...(site.off && { off: site.off }),
    }),

    "door.screen": ({ door: id }) => {
      const door = site.door(id);
      const face = door.ways.includes("face") && site.faceArmed(door);
      const screen = site.cameras.find((camera) => camera.door === id && camera.kind === "screen");
      return {
        id,
        name: door.name,
        ways: door.ways,
        face: face && !dead(cameras, site.cameras, door),
        simulated: door.simulated,
        ...(screen ? { camera: screen.id } : {}),
        ...(door.phone && door.ways.includes("phone") ? { phone: door.phone } : {}),
        ...(door.pad ? { pad: true } : {}),
        ...outOfOrder(services, door),
        ...asking(services, door),
      };
    },

    /** Staff vouch for somebody: recorded with who and why before the flow is asked. */
    assist: ({ door, reason }, { actor }) => vouch(services, door, reason, actor.id),

    /** Somebody left by this door with nothing of ours helping, or could not: that one is an alarm until it opens. */
    "door.drill"({ door: id, opened }, { actor }) {
      const { egress } = site.door(id);
      if (!egress) throw new LimenError("no-way-out", { field: "/door", status: 409 });
      const at = clock.now();
      const kind = opened ? "exit-drill" : "exit-failed";
      const fields = { at: at.toISOString(), door: id, kind, by: actor.id };
      log.appendWith([{ class: "door-event", at, door: id, fields }], () =>
        services.drills.write(id, { at: fields.at, opened }),
      );
      broadcast({ event: "door", door: id, kind });
      return {};
    },

    "door.test": ({ door }, { actor }) => vouch(services, door, "test", actor.id),

    /** A code typed under threat is told to those who act on it, and to nobody who only looks. */
    "event.list": ({ door, since, limit }, { actor }) => ({
      events: log
        .query({
          classes: ["decision", "door-event"],
          limit,
          ...(door === undefined ? {} : { door }),
          ...(since === undefined ? {} : { since: new Date(since) }),
        })
        .flatMap(({ index, class: kind, fields }) => {
          if (!fields || typeof fields.at !== "string" || typeof fields.door !== "string") return []; // its time is over
          if (fields.kind === "duress" && !actsOnThreats.has(actor.role)) return [];
          const text = (name: string) => (typeof fields[name] === "string" ? { [name]: fields[name] } : {});
          return [
            {
              index,
              at: fields.at,
              door: fields.door,
              kind: kind === "decision" ? "decision" : String(fields.kind),
              ...text("method"),
              ...text("outcome"),
              ...text("code"),
            },
          ];
        }),
    }),
  };
};

const drillOf = ({ drills, site }: Services, door: string) => {
  const last = drills.last(door);
  return { ...(last && { at: last.at }), due: drills.due(door, site.config.drillDays ?? usualDrillDays) };
};

const standing = (alarms: Alarm[]) => (alarms.length > 0 ? { alarms } : {});

/** Begins an assisted entry; the ticket's time runs from when it is on the record. */
async function vouch(
  { book, clock, log, site }: Services,
  id: string,
  reason: string,
  by: string,
): Promise<EntryAttempt> {
  const door = site.door(id);
  const attempt = book.begin(door.id, site.config.id, "guard");
  mark(attempt, "desk", "assist", undefined);
  const at = clock.now();
  await log.append({
    class: "door-event",
    at,
    door: id,
    fields: {
      at: at.toISOString(),
      door: id,
      kind: "assisted",
      attempt: attempt.view.id,
      reason,
      by,
    },
  });
  attempt.sensedAt = clock.monotonic();
  return viewOf(attempt);
}

const actsOnThreats: ReadonlySet<string> = new Set(["manager", "guard"]);

/** What emergencies ask at a door, where there is one. */
function asking(services: Services, door: Door) {
  const emergencies = askedAt(services, door);
  return emergencies.length > 0 ? { emergencies } : {};
}

/** Ways whose every reader is dead; the screen's own pad takes codes all the same. */
function outOfOrder({ readers }: Services, { id, ways, pad }: Door): { out?: Method[] } {
  const out = readers.out(id).filter((way) => ways.includes(way) && !(pad && way === "pin"));
  return out.length > 0 ? { out } : {};
}

/** A door whose every camera is known to be silent or frozen offers no face. */
const dead = (
  cameras: Services["cameras"],
  all: readonly { id: string; door: string }[],
  door: Door,
): boolean => {
  const own = all.filter((camera) => camera.door === door.id);
  return own.length === 0 || own.every(({ id }) => ["silent", "frozen"].includes(cameras.state(id)));
};
