import { setImmediate } from "node:timers/promises";
import type { ReadEntry } from "../../core/audit/types.ts";
import { doorParity, type ParityEvent } from "../../core/entry/parity.ts";
import type { Handlers } from "../handlers.ts";
import type { Services } from "../services.ts";

const dayMs = 86_400_000;
/** Entries of one door that are looked at: a month of a gate with 600 a day. */
const most = 20_000;
/** Entries opened in one go: a few milliseconds, which is what a card at a door may wait. */
const page = 100;

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
      const entries = await entriesOf(log, id, from);
      partial ||= entries.length >= most;
      doors.push({ id, name, ways: doorParity(entries.flatMap(eventOf), ways, from, to) });
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

/** A door's entries since that day, newest first, in turns: doors wait for nobody's statistics. */
async function entriesOf(log: Services["log"], door: string, from: Date): Promise<ReadEntry[]> {
  // the whole first day: an entry that is opened only to be left out takes as long as any other
  const since = new Date(Math.floor(from.getTime() / dayMs) * dayMs);
  const all: ReadEntry[] = [];
  for (;;) {
    const last = all.at(-1);
    const some = log.query({
      classes: ["decision", "door-event"],
      door,
      since,
      limit: page,
      ...(last && { before: last.index }),
    });
    all.push(...some);
    if (some.length < page || all.length >= most) return all;
    await setImmediate();
  }
}

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
