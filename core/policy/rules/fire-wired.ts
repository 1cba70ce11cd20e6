import { isFed } from "../fed.ts";
import type { ConfigNode, Graph, Vertex } from "../graph/types.ts";
import { doorId, doorName, doorOf, isOn } from "../site.ts";
import type { Hit, Rule } from "./rule.ts";

const watchesOf = (graph: Graph, door: ConfigNode): Vertex[] =>
  graph.of("door-watch").filter((watch) => doorOf(graph, watch)?.key === door.key);

/**
 * A way out that ends with the power: a lock that stays locked without it, and an exit button that must move that lock.
 * Whatever cuts the lock's power in a fire does not open it either, so no declared release excuses it.
 */
const endsWithPower = (graph: Graph, door: ConfigNode): boolean =>
  isOn(door.config.egress) &&
  (door.config.failMode ?? "secure") === "secure" &&
  watchesOf(graph, door).some(({ config }) => config.exit === "unlock");

/**
 * A way out is never locked in a fire: each egress door says how it is released, an input it names is wired, and nobody
 * needs power to leave (RD-11). The release itself cuts the lock's power in hardware; software mirrors it.
 */
export const fireWired: Rule = {
  id: "fire-wired",
  severity: "refuse",
  article: ["消防法 28", "GB 55037-2022 7.1.7", "GB 55024-2022 5.3.6"],
  check: (graph) =>
    graph.configs("limen-door").flatMap((door) => {
      const { fire, egress } = door.config;
      const hit = { node: door.id, door: doorId(door) };
      if (isOn(egress) && fire !== "hardware" && fire !== "input")
        return [{ ...hit, params: { variant: "undeclared", door: doorName(door) } }];
      const says = (variant: string): Hit => ({ ...hit, params: { variant, door: doorName(door) } });
      const powered = endsWithPower(graph, door) ? [says("powered")] : [];
      if (fire !== "input") return powered;
      const watched = watchesOf(graph, door).some(
        (watch) => (watch.config.fire ?? "none") !== "none" && isFed(graph, watch),
      );
      return watched ? powered : [...powered, says("unwired")];
    }),
};
