import type { Attempt } from "../../core/entry/book.ts";
import type { AttemptCode } from "../../core/entry/codes.ts";
import { LimenError } from "../../core/errors.ts";
import type { Handler } from "../handlers.ts";
import type { Services } from "../services.ts";
import type { Door } from "../site.ts";

/** Uses a ticket up at its own door, and says for how long to open it. A refused one is on the record and opens nothing. */
export const redeem =
  (services: Services): Handler<"redeem"> =>
  async ({ ticket, door: id }) => {
    const { clock, leaves, log, site, tickets } = services;
    const door = site.door(id);
    const redeemed = site.relaysArmed ? tickets.redeem(ticket, id) : { code: "flow-unlawful" as AttemptCode };
    if (!("code" in redeemed)) {
      services.passes.redeemed(redeemed.attempt); // durable before the lock is told
      const attempt = services.book.find(redeemed.attempt);
      const seconds = secondsFor(services, door, attempt);
      leaves.heard(id, "opened", seconds); // the relay's own word comes later, or never
      site.released(id, clock.monotonic() + seconds * 1000);
      if (attempt) {
        passing(services, door, attempt);
        begin(services, attempt);
      }
      return { attempt: redeemed.attempt, seconds };
    }
    const at = clock.now();
    await log.append({
      class: "door-event",
      at,
      door: id,
      fields: {
        at: at.toISOString(),
        door: id,
        kind: "ticket-refused",
        code: redeemed.code,
        attempt: redeemed.attempt ?? null,
      },
    });
    throw new LimenError(redeemed.code, { field: "/ticket", status: 409 });
  };

/**
 * The door's usual time, or its longer one for somebody who needs it. That is all anybody is told: a wire sees a number
 * of seconds, which a door may have for other reasons too.
 */
function secondsFor(
  { persons }: Services,
  { openSeconds, longSeconds = openSeconds }: Door,
  attempt: Attempt | undefined,
): number {
  const person = attempt?.visitor ? undefined : attempt?.view.person;
  if (person === undefined || longSeconds <= openSeconds) return openSeconds;
  return persons.needsTime(person) ? longSeconds : openSeconds;
}

/** From here on whoever it is counts as inside, until the lock or the door says otherwise. */
function passing(
  { passages, passes, zones }: Services,
  { id, zone }: Door,
  { view, shared, pass }: Attempt,
): void {
  // a code several people share says nothing about who of them came in
  const known = view.credential !== undefined && !shared;
  const leave = known ? zones.entered(zone, view.credential!) : () => undefined;
  const giveBack = (): void => void (pass !== undefined && passes.giveBack(pass));
  passages.opening(id, view.id, { leave, giveBack });
}

/** Somebody named for this door has come in: its day begins. */
function begin({ broadcast, clock, firstIn, log }: Services, { view: { door }, begins }: Attempt): void {
  if (begins === undefined || firstIn.begun(door, begins)) return;
  const at = clock.now();
  const fields = { at: at.toISOString(), door, kind: "day-begun", day: begins };
  try {
    log.appendWith([{ class: "door-event", at, door, fields }], () => void firstIn.begin(door, begins));
  } catch (error) {
    if (!(error instanceof LimenError)) throw error;
    return; // a disk that is full holds nobody out: the day begins with the next opening
  }
  broadcast({ event: "door", door, kind: "day-begun" });
}
