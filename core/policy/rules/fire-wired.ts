import { isFed } from "../fed.ts";
import { doorId, doorName, doorOf, isOn } from "../site.ts";
import type { Rule } from "./rule.ts";

/**
 * A way out is never locked in a fire: each egress door says how it is released, and an input it names is wired
 * (RD-11). The release itself cuts the lock's power in hardware; software mirrors it.
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
      if (fire !== "input") return [];
      const watched = graph
        .of("door-watch")
        .some(
          (watch) =>
            doorOf(graph, watch)?.key === door.key &&
            (watch.config.fire ?? "none") !== "none" &&
            isFed(graph, watch),
        );
      return watched ? [] : [{ ...hit, params: { variant: "unwired", door: doorName(door) } }];
    }),
};
