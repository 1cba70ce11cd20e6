import type { Graph } from "../graph/types.ts";
import { factsOf } from "../material.ts";
import { doorId, doorName } from "../site.ts";
import { type DoorWays, waysOf } from "../ways.ts";
import type { FactChange } from "./schema.ts";

type Facts = Partial<Record<FactChange["name"], string>>;

const kinds = (ways: DoorWays["live"]): string => [...new Set(ways.map(({ kind }) => kind))].sort().join(" ");

/** What the rules know of each door of a flow. */
function doorsOf(graph: Graph): Map<string, Facts> {
  return new Map(
    waysOf(graph).map(({ door, live, possible }) => {
      const { mode, flat, controller, eventDays, pack, data, storage, processors } = factsOf(graph, door);
      const facts: Facts = {
        there: doorName(door),
        ways: kinds(live),
        possible: kinds(possible),
        class: String(door.config.class ?? ""),
        fire: String(door.config.fire ?? ""),
        mode: flat ? `${mode} flat` : mode,
        controller,
        eventDays: String(eventDays),
        pack,
        data: data.join(" "),
        storage,
        processors: processors.join(" "),
      };
      return [doorId(door).slice(0, 48), facts] as const;
    }),
  );
}

/** The facts the rules go by, door by door, where they are others than before. */
export function factChanges(before: Graph, after: Graph): FactChange[] {
  const [old, next] = [doorsOf(before), doorsOf(after)];
  return [...new Set([...old.keys(), ...next.keys()])].flatMap((door): FactChange[] => {
    const [was, is] = [old.get(door), next.get(door)];
    if (!was || !is)
      return [
        {
          door,
          name: "there",
          ...(was ? { before: cut(was.there) } : {}),
          ...(is ? { after: cut(is.there) } : {}),
        },
      ];
    return (Object.keys(is) as FactChange["name"][])
      .filter((name) => was[name] !== is[name])
      .map((name) => ({ door, name, before: cut(was[name]), after: cut(is[name]) }));
  });
}

const cut = (text = ""): string => text.slice(0, 160);
