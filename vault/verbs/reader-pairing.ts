import type { Handler } from "../handlers.ts";
import type { Services } from "../services.ts";

/** A reader was given a key, or was not: who started it, and when. The key itself is nowhere here. */
export const readerPairing =
  ({ clock, log }: Services): Handler<"reader.pairing"> =>
  ({ line, address, outcome, by }) => {
    const at = clock.now();
    return log.append({
      class: "key-event",
      at,
      fields: { at: at.toISOString(), key: "osdp-reader", line, address, outcome, by },
    });
  };
