import type { CardReading } from "../../core/devices/cards/reading.ts";
import { type OsdpEvent, readingOf } from "../../core/devices/osdp/index.ts";
import type { Request } from "../../vault/protocol/index.ts";
import { ask } from "../lib/ask.ts";
import type { NodeContext, Status } from "../lib/types.ts";
import type { Readers } from "../limen-bus/osdp.ts";

type Kind = Request<"event">["kind"];

const states: Record<string, Status> = {
  online: { fill: "grey", shape: "ring", key: "status.listening" },
  connecting: { fill: "yellow", shape: "ring", key: "status.connecting" },
  offline: { fill: "red", shape: "ring", key: "status.reader-away" },
  unpaired: { fill: "red", shape: "ring", key: "status.unpaired" },
  pairing: { fill: "blue", shape: "ring", key: "status.pairing" },
};

/**
 * Listens to one OSDP reader for a door: its cards go to `card`, its silence, tampering and attacks on its line on the
 * record.
 * @returns stops that @throws LimenError `config-missing`, or `osdp-address` for one the line does not have
 */
export function listenTo(
  context: NodeContext<{ bus: string; unit: number }>,
  door: string,
  card: (reading: CardReading | undefined) => void,
): () => void {
  const { bus, unit } = context.config;
  let silent = false;
  let met = false;

  const record = (kind: Kind, detail: string, more: { settles?: true } = {}): void => {
    ask(context, "event", { door, kind, detail, ...more }).catch((error) => context.fail(error));
  };
  const hear = (event: OsdpEvent): void => {
    switch (event.kind) {
      case "card":
        card(readingOf(event));
        break;
      case "tamper":
        if (event.on) record("tamper", `osdp ${unit} housing`);
        break;
      case "alarm":
        if (event.alarm === "out-of-service") {
          silent = true;
          record("reader-silent", `osdp ${unit}`);
        } else record("tamper", `osdp ${unit} ${event.alarm}`);
        break;
      case "state":
        context.status(states[event.state]);
        if (event.state === "online") {
          if (silent) record("reader-back", `osdp ${unit}`);
          else if (!met) record("reader-back", `osdp ${unit}`, { settles: true }); // an alarm from before this start
          silent = false;
          met = true;
        }
        break;
      default:
        break;
    }
  };
  return context.need<Readers>(bus).onReader(unit, hear);
}
