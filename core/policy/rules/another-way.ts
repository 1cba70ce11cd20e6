import { isFed } from "../fed.ts";
import type { Graph } from "../graph/types.ts";
import { outside } from "../packs.ts";
import { doorId, doorName, doorOf, isOn } from "../site.ts";
import { type DoorWays, waysOf } from "../ways.ts";
import type { Hit, Rule } from "./rule.ts";

/** Whether anyone would notice that a way's reader is dead: a bus polls it, or a door-watch waits to hear from it. */
function isHeard(graph: Graph, { door, live }: DoorWays): boolean {
  const watched = graph
    .of("door-watch")
    .filter((watch) => doorOf(graph, watch)?.key === door.key && isFed(graph, watch))
    .flatMap(({ config }) => (Array.isArray(config.ways) ? config.ways : []));
  return live.some(
    ({ sensor }) =>
      watched.includes(sensor.config.reader) || graph.config(sensor.config.bus, "limen-bus", sensor),
  );
}

/**
 * A door that opens by a face or a guard opens by itself for whoever wants neither (RD-01, RD-03), and by the same relay: a
 * second one may work another lock, or none. A way that is
 * disabled, unwired, fed by no reader or led over something that may drop it does not count, nor does one that needs a
 * smartphone of the resident's own (RD-10). At a real door somebody must notice when its reader dies.
 */
export const anotherWay: Rule = {
  id: "another-way",
  severity: "refuse",
  article: [
    "法释〔2021〕15号 art. 10",
    "Order 19 (2025) art. 10",
    "PIPL 16",
    "Shanghai Data Regulation art. 23",
    "EDPB 3/2019 sec. 5.1",
  ],
  check: (graph, { pack }) =>
    waysOf(graph).flatMap((ways): Hit[] => {
      const { door, live, possible } = ways;
      const closed = possible.filter(({ kind }) => kind === "face" || kind === "guard");
      if (closed.length === 0) return [];
      const reached = new Set(closed.flatMap(({ relays }) => [...relays.keys()]));
      const kindsAt = (relay: number) =>
        new Set(live.filter(({ relays }) => relays.has(relay)).map(({ kind }) => kind)).size;
      const fewest = Math.min(...[...reached].map(kindsAt));
      const hit = { node: door.id, door: doorId(door) };
      if (!outside(pack, "ways.independent", fewest)) {
        const face = closed.some(({ kind }) => kind === "face");
        if (!face || isOn(door.config.simulated) || isHeard(graph, ways)) return [];
        return [{ ...hit, params: { variant: "unheard", door: doorName(door) } }];
      }
      if (!outside(pack, "ways.independent", new Set(live.map(({ kind }) => kind)).size))
        return [{ ...hit, params: { variant: "other-relay", door: doorName(door) } }];
      const params = {
        door: doorName(door),
        ways: [...new Set(closed.map(({ kind }) => `@way.${kind}`))].join(),
      };
      return [{ ...hit, params }];
    }),
};
