import { writtenId } from "../../core/entry/emergencies.ts";
import type { Static } from "../../core/schema.ts";
import type { Handlers } from "../handlers.ts";
import type { EmergencyAsked } from "../protocol/emergencies.ts";
import type { Services } from "../services.ts";
import type { Door } from "../site.ts";
import { requireDoors } from "./people.ts";

/** Emergencies: declared, ended, looked at. They end by themselves. */
export const emergencyVerbs = (
  services: Services,
): Pick<Handlers, "emergency.declare" | "emergency.end" | "emergency.list"> => ({
  "emergency.declare"({ auth: _, doors, start, end, ...asked }, { actor }) {
    const { clock, emergencies, site } = services;
    requireDoors(site, doors);
    const id = emergencies.declare(
      { ...asked, start: start === undefined ? clock.now() : new Date(start), end: new Date(end) },
      doors.map((door) => site.door(door)),
      site.emergencyDays,
      actor.id,
    );
    sweepEmergencies(services);
    return { id };
  },

  "emergency.end"({ id }, { actor }) {
    for (const door of services.emergencies.end(id, actor.id))
      services.broadcast({ event: "door", door, kind: "emergency-over" });
    return {};
  },

  "emergency.list": () => ({
    mostDays: services.site.emergencyDays,
    emergencies: services.emergencies.standing.map(({ start, end, ...rest }) => ({
      ...rest,
      start: start.toISOString(),
      end: end.toISOString(),
    })),
  }),
});

/** Records what began and what time has ended, and tells the door wall. */
export function sweepEmergencies({ broadcast, emergencies }: Services): void {
  const { began, ended } = emergencies.sweep();
  for (const door of began) broadcast({ event: "door", door, kind: "emergency" });
  for (const door of ended) broadcast({ event: "door", door, kind: "emergency-over" });
}

/** What is asked of everybody at a door now: by staff's declaration, or by the flow. */
export function askedAt({ emergencies, terms }: Services, door: Door): Static<typeof EmergencyAsked>[] {
  const stated = door.emergencies
    .map(({ start, end, ...rest }) => ({ ...rest, note: "", start: new Date(start), end: new Date(end) }))
    .filter((one) => terms.running(writtenId(one), one));
  return [...emergencies.at(door.id), ...stated].map(({ reason, end, two, noVisitors }) => ({
    reason,
    end: end.toISOString(),
    two,
    noVisitors,
  }));
}
