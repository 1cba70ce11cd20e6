import { setImmediate } from "node:timers/promises";
import type { ReadEntry } from "../../core/audit/types.ts";
import { doorParity, type ParityEvent } from "../../core/entry/parity.ts";
import type { Handlers } from "../handlers.ts";
import type { Services } from "../services.ts";

const dayMs = 86_400_000;
/** Entries of one door's day that are looked at: a busy gate has a few thousand. */
const most = 5000;

/** Numbers for those who watch over the site: owners' committee, auditor, privacy officer. */
export const oversightVerbs = ({
  clock,
  log,
  site,
}: Services): Pick<Handlers, "door.parity" | "look-up.list"> => ({
  async "door.parity"({ days }) {
    const to = clock.now();
    const from = new Date(to.getTime() - days * dayMs);
    let partial = false;
    const doors = [];
    for (const { id, name, ways } of site.doors) {
      const events: ParityEvent[] = [];
      for (let start = from.getTime(); start < to.getTime(); start += dayMs) {
        const entries = log.query({
          classes: ["decision", "door-event"],
          door: id,
          since: new Date(start),
          until: new Date(Math.min(start + dayMs, to.getTime()) - 1),
          limit: most,
        });
        partial ||= entries.length === most;
        events.push(...entries.flatMap(eventOf));
        await setImmediate(); // doors wait for nobody's statistics
      }
      doors.push({ id, name, ways: doorParity(events, ways, from, to) });
    }
    return { from: from.toISOString(), to: to.toISOString(), doors, partial };
  },

  "look-up.list": ({ limit }) => ({
    looks: log.query({ classes: ["look-up"], limit }).map(({ index, day, fields }) => ({
      index,
      day,
      ...text(fields, "at"),
      ...text(fields, "name"),
      ...text(fields, "role"),
      ...text(fields, "purpose"),
      ...text(fields, "what"),
    })),
  }),
});

const text = <K extends string>(fields: ReadEntry["fields"], name: K): { [P in K]?: string } => {
  const value = fields?.[name];
  return typeof value === "string" ? ({ [name]: value } as { [P in K]: string }) : {};
};

function eventOf({ class: kind, fields }: ReadEntry): ParityEvent[] {
  if (typeof fields?.at !== "string" || typeof fields.door !== "string") return []; // its time is over
  return [
    {
      at: fields.at,
      door: fields.door,
      kind: kind === "decision" ? "decision" : String(fields.kind),
      ...text(fields, "attempt"),
      ...text(fields, "method"),
      ...text(fields, "outcome"),
      ...text(fields, "detail"),
    },
  ];
}
