import { outside } from "../packs.ts";
import { doorId, doorName } from "../site.ts";
import { waysOf } from "../ways.ts";
import type { Rule } from "./rule.ts";

/**
 * A door that opens by a face or a guard opens by itself for whoever wants neither (RD-01, RD-03). A way that is
 * disabled, unwired, fed by no reader or led over something that may drop it does not count, nor does one that needs a
 * smartphone of the resident's own (RD-10).
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
    waysOf(graph).flatMap(({ door, live, possible }) => {
      const closed = possible.filter(({ kind }) => kind === "face" || kind === "guard");
      if (closed.length === 0) return [];
      const kinds = new Set(live.map(({ kind }) => kind));
      if (!outside(pack, "ways.independent", kinds.size)) return [];
      const params = {
        door: doorName(door),
        ways: [...new Set(closed.map(({ kind }) => `@way.${kind}`))].join(),
      };
      return [{ node: door.id, door: doorId(door), params }];
    }),
};
