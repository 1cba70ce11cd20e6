import { reach } from "../graph/walk.ts";
import { doorId, doorName, doorOf } from "../site.ts";
import type { Rule } from "./rule.ts";

/** A visitor's pass opens without a camera: no path of it may lead only past a face (RD-09). */
export const visitorsWithoutFace: Rule = {
  id: "visitors-without-face",
  severity: "refuse",
  article: ["PIPL 6, 16", "Order 19 (2025) art. 10"],
  check: (graph) =>
    graph.of("pass-read").flatMap((pass) => {
      const door = doorOf(graph, pass);
      if (!door) return [];
      const relays = graph.of("relay-out").filter((relay) => doorOf(graph, relay)?.key === door.key);
      const anyhow = reach(graph.out, [pass.index]);
      const unseen = reach(graph.out, [pass.index], (from) => graph.vertices[from]!.type !== "face-match");
      const only =
        relays.some(({ index }) => anyhow.has(index)) && !relays.some(({ index }) => unseen.has(index));
      return only
        ? [{ node: pass.id, door: doorId(door), params: { door: doorName(door), pass: pass.label } }]
        : [];
    }),
};
