import { anyRule } from "../follow.ts";
import { doorId, doorName } from "../site.ts";
import { waysOf } from "../ways.ts";
import type { Rule } from "./rule.ts";

/**
 * Nobody waits before their own home for somebody else to come first: "first person in" is for rooms that staff open in
 * the morning.
 */
export const homeNeverWaits: Rule = {
  id: "home-never-waits",
  severity: "refuse",
  article: [
    "Civil Code 272 (an owner's right to their home)",
    "report: residents stood before their own door",
  ],
  check: (graph) =>
    waysOf(graph).flatMap(({ door, possible }) => {
      if (door.config.class === "amenity") return [];
      const rules = new Set(possible.flatMap(({ combos }) => combos.flatMap((combo) => combo.rules)));
      return [...rules]
        .filter((rule) => rule !== anyRule)
        .map((rule) => graph.vertices[rule]!)
        .filter(({ config }) => config.firstPerson === "required" || config.firstPerson === "relaxes")
        .map(({ id, label }) => ({
          node: id,
          door: doorId(door),
          params: { node: label, door: doorName(door) },
        }));
    }),
};
