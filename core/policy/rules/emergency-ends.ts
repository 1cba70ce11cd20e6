import { faultOf, unlawfulAt } from "../../entry/emergency.ts";
import { certainWays, statedAt, statedBy } from "../emergencies.ts";
import { doorId, doorName } from "../site.ts";
import { waysOf } from "../ways.ts";
import type { Rule } from "./rule.ts";

/**
 * An emergency has a reason from the list, a start and an end the pack allows, and takes nobody's last way that is no
 * face: two ways are asked for only where two can be had without one, and visitors' passes rest only where residents
 * need none (RD-13).
 */
export const emergencyEnds: Rule = {
  id: "emergency-ends",
  severity: "refuse",
  article: [
    "PIPL 13(4), 16",
    "法释〔2021〕15号 art. 5, 10",
    "report: face was kept after the epidemic was over",
  ],
  check: (graph, { pack }) => {
    const bound = pack.bounds["emergency.days"];
    const times = graph.of("entry-rule").flatMap((rule) => {
      const stated = statedBy(rule);
      if (!stated) return [];
      const variant = stated.reason ? faultOf(stated, bound?.max ?? 0) : "reason";
      if (!variant) return [];
      const hit = { node: rule.id, params: { variant, node: rule.label, days: bound?.max ?? 0 } };
      return [variant === "too-long" && bound ? { ...hit, article: [bound.article] } : hit];
    });
    const doors = waysOf(graph).flatMap((ways) => {
      const here = certainWays(ways);
      if (here.ways.length === 0) return []; // another-way says it
      return statedAt(graph, ways).flatMap((stated) => {
        const variant = unlawfulAt(stated, here);
        const { vertex } = stated;
        const params = { variant: variant ?? "", node: vertex.label, door: doorName(ways.door) };
        return variant ? [{ node: vertex.id, door: doorId(ways.door), params }] : [];
      });
    });
    return [...times, ...doors];
  },
};
