import type { CardReading } from "../../core/devices/cards/reading.ts";
import type { WiegandFormat } from "../../core/devices/cards/wiegand.ts";
import { type OsdpEvent, readingOf } from "../../core/devices/osdp/index.ts";
import type { NodeContext, Status } from "../lib/types.ts";
import type { Readers } from "../limen-bus/osdp.ts";

const states: Record<string, Status> = {
  online: { fill: "grey", shape: "ring", key: "status.listening" },
  connecting: { fill: "yellow", shape: "ring", key: "status.connecting" },
  offline: { fill: "red", shape: "ring", key: "status.reader-away" },
  unpaired: { fill: "red", shape: "ring", key: "status.unpaired" },
  pairing: { fill: "blue", shape: "ring", key: "status.pairing" },
};

/**
 * Listens to one OSDP reader for a door: its cards go to `card`. Its silence, tampering and attacks on its line are put on
 * the record by the line itself.
 * @returns stops that @throws LimenError `config-missing`, or `osdp-address` for one the line does not have
 */
export function listenTo(
  context: NodeContext<{ bus: string; unit: number }>,
  door: string,
  formats: readonly WiegandFormat[],
  card: (reading: CardReading | undefined) => void,
): () => void {
  const { bus, unit } = context.config;
  const line = context.need<Readers>(bus);
  const stops = [
    line.onReader(unit, (event: OsdpEvent) => {
      if (event.kind === "card") card(readingOf(event, formats));
      if (event.kind === "state") context.status(states[event.state]);
    }),
    line.watch(unit, door, ["card"]),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
