import type { AttemptCode } from "../../core/entry/codes.ts";
import { LimenError } from "../../core/errors.ts";
import type { Handler } from "../handlers.ts";
import type { Services } from "../services.ts";

/** Uses a ticket up at its own door. A refused one is on the record and opens nothing. */
export const redeem =
  ({ clock, leaves, log, site, tickets }: Services): Handler<"redeem"> =>
  async ({ ticket, door }) => {
    const { openSeconds } = site.door(door);
    const redeemed = site.relaysArmed
      ? tickets.redeem(ticket, door)
      : { code: "flow-unlawful" as AttemptCode };
    if (!("code" in redeemed)) {
      leaves.heard(door, "opened", openSeconds); // the relay's own word comes later, or never
      return { attempt: redeemed.attempt };
    }
    const at = clock.now();
    await log.append({
      class: "door-event",
      at,
      door,
      fields: {
        at: at.toISOString(),
        door,
        kind: "ticket-refused",
        code: redeemed.code,
        attempt: redeemed.attempt ?? null,
      },
    });
    throw new LimenError(redeemed.code, { field: "/ticket", status: 409 });
  };
