import { LimenError } from "../../errors.ts";
import { longestPulseMs } from "../relays/pulse.ts";
import type { Command } from "./commands.ts";
import type { Reply } from "./replies.ts";

/** What a flow may ask of a device. Keys, addresses and bare output codes are not among it. */
export type Request =
  /** Switches an output on for `ms` (100 to 60 000, in tenths of a second); the device itself ends it. */
  | { kind: "pulse"; output: number; ms: number }
  /** Ends a pulse. */
  | { kind: "off"; output: number }
  | Extract<
      Command,
      {
        kind:
          | "leds"
          | "buzzer"
          | "text"
          | "id"
          | "capabilities"
          | "local-status"
          | "input-status"
          | "output-status"
          | "reader-status";
      }
    >;

/**
 * The command for a request. An output goes on by code 5 only: on for a time that the device keeps, and off by itself
 * whatever becomes of the line, of us, or of the power here.
 * @throws LimenError `pulse-out-of-range`
 */
export function commandFor(request: Request): Command {
  switch (request.kind) {
    case "pulse": {
      const tenths = Math.round(request.ms / 100);
      if (!(tenths >= 1 && request.ms <= longestPulseMs))
        throw new LimenError("pulse-out-of-range", {
          field: "/ms",
          params: { field: "/ms", most: longestPulseMs / 1000 },
        });
      return { kind: "outputs", outputs: [{ output: request.output, code: 5, tenths }] };
    }
    case "off":
      return { kind: "outputs", outputs: [{ output: request.output, code: 1, tenths: 0 }] };
    case "leds":
    case "buzzer":
    case "text":
    case "id":
    case "capabilities":
    case "local-status":
    case "input-status":
    case "output-status":
    case "reader-status":
      return request;
    default:
      // from a flow, where no type checker was
      throw new LimenError("osdp-command-bad", { field: "/kind", params: { field: "/kind" } });
  }
}

const answers: Partial<Record<Command["kind"], readonly Reply["kind"][]>> = {
  id: ["identity"],
  capabilities: ["capabilities"],
  "local-status": ["local-status"],
  "input-status": ["input-status"],
  "output-status": ["output-status"],
  "reader-status": ["reader-status"],
  outputs: ["ack", "output-status"],
  communication: ["communication"],
  maker: ["ack", "maker"],
};

/** Whether a reply is what the command is answered with when it was obeyed. */
export const answersTo = (command: Command, reply: Reply): boolean =>
  (answers[command.kind] ?? ["ack"]).includes(reply.kind);
