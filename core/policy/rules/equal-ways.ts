import { anyRule, type Combo } from "../follow.ts";
import type { Graph } from "../graph/types.ts";
import { comparedDays, type Hours, hoursOf, isAlways, openOnlyIn, paint } from "../hours.ts";
import { doorId, doorName, isOn } from "../site.ts";
import { type Way, waysOf } from "../ways.ts";
import type { Hit, Rule } from "./rule.ts";

/** What a rule asks for beside the hour: more of it opens less. */
interface Demand {
  hours: Hours | undefined;
  strong: boolean;
  passback: number;
  /** Doors that have to be shut. */
  interlock: readonly string[];
  /** An emergency that asks for two ways. */
  two: boolean;
  /** Whether each day waits for somebody: 1 for all that is not strong, 2 for everybody. */
  waits: number;
}

const waiting: Readonly<Record<string, number>> = { relaxes: 1, required: 2 };
const free: Demand = { hours: undefined, strong: false, passback: 0, interlock: [], two: false, waits: 0 };

function demandOf(graph: Graph, rule: number): Demand {
  const config = rule === anyRule ? undefined : graph.vertices[rule]?.config;
  if (!config) return free;
  const minutes = Number(config.antiPassbackMinutes ?? 0);
  return {
    hours: hoursOf(config),
    strong: config.assurance === "strong",
    passback: config.antiPassback === "timed" && Number.isFinite(minutes) ? minutes : 0,
    interlock: Array.isArray(config.interlock) ? config.interlock.map(String) : [],
    two: isOn(config.emergencyTwo) && config.emergency !== "none",
    waits: waiting[String(config.firstPerson)] ?? 0,
  };
}

interface Demands {
  demands: readonly Demand[];
  strong: boolean;
  passback: number;
  interlock: readonly string[];
  two: boolean;
  waits: number;
  extra: number;
}

const combine = (graph: Graph, { rules, extra }: Combo): Demands => {
  const demands = rules.map((rule) => demandOf(graph, rule));
  return {
    demands,
    extra,
    strong: demands.some(({ strong }) => strong),
    passback: Math.max(0, ...demands.map(({ passback }) => passback)),
    interlock: demands.flatMap(({ interlock }) => interlock),
    two: demands.some(({ two }) => two),
    waits: Math.max(0, ...demands.map(({ waits }) => waits)),
  };
};

/** Minutes of the compared days in which every rule of a way is open. */
function openOf({ demands }: Demands, days: readonly string[]): Uint8Array {
  const open = new Uint8Array(days.length * 1440).fill(1);
  for (const { hours } of demands) {
    if (!hours || isAlways(hours)) continue;
    const painted = paint(hours, days);
    for (let index = 0; index < open.length; index++) open[index]! &= painted[index]!;
  }
  return open;
}

/** What somebody with only this way's credential lacks beside a face: an hour, a stronger card, a second credential. */
function shortfall(
  graph: Graph,
  face: Way,
  others: readonly Way[],
): { variant: string; minutes: number } | undefined {
  for (const [relay, combos] of face.relays) {
    const rest = others.flatMap(({ relays }) => relays.get(relay) ?? []);
    const lack = rest.length > 0 ? lackAt(graph, face, combos, rest) : undefined; // no way at all: another-way says it
    if (lack) return lack;
  }
  return undefined;
}

/** The same, of one relay both reach. */
function lackAt(
  graph: Graph,
  face: Way,
  ofFace: readonly Combo[],
  ofOthers: readonly Combo[],
): { variant: string; minutes: number } | undefined {
  const faces = ofFace.map((combo) => combine(graph, combo));
  const rest = ofOthers.map((combo) => combine(graph, combo));
  const hours = [...faces, ...rest].flatMap(({ demands }) => demands.flatMap((demand) => demand.hours ?? []));
  const timed = hours.filter((entry) => !isAlways(entry));
  const zones = new Set(timed.map(({ timeZone }) => timeZone));
  const days = comparedDays(timed);
  const oneToOne = face.sensor.config.mode === "1:1" ? 1 : 0;
  for (const each of faces) {
    const fair = rest.filter(
      (other) =>
        other.extra <= each.extra + oneToOne &&
        (!other.strong || each.strong) &&
        other.passback <= each.passback &&
        other.waits <= each.waits &&
        (!other.two || each.two) &&
        other.interlock.every((door) => each.interlock.includes(door)),
    );
    if (fair.length === 0) return { variant: "demands", minutes: 0 };
    if (fair.some(({ demands }) => demands.every((demand) => !demand.hours || isAlways(demand.hours))))
      continue;
    if (zones.size > 1) return { variant: "time-zones", minutes: 0 };
    const together = new Uint8Array(days.length * 1440);
    for (const other of fair) {
      const open = openOf(other, days);
      for (let index = 0; index < together.length; index++) together[index]! |= open[index]!;
    }
    const minutes = openOnlyIn(openOf(each, days), together);
    if (minutes > 0) return { variant: "hours", minutes };
  }
  return undefined;
}

const amount = (value: unknown): number => {
  const paid = Number(value ?? 0);
  return Number.isFinite(paid) ? Math.max(0, paid) : Number.POSITIVE_INFINITY; // what cannot be read is not free
};

/** A card, code or pass that costs more than a face does: declining is not free (RD-04). */
function dearer(graph: Graph): Hit[] {
  if (!waysOf(graph).some(({ possible }) => possible.some(({ kind }) => kind === "face"))) return [];
  return graph.configs("limen-site").flatMap((site): Hit[] => {
    const [other, face] = [amount(site.config.feeOther), amount(site.config.feeFace)];
    if (other <= face) return [];
    const fee = Number.isFinite(other) ? other : String(site.config.feeOther).slice(0, 20);
    return [{ node: site.id, params: { variant: "fee", fee, face } }];
  });
}

/**
 * Whoever looks at no camera opens the same door in the same hours, asked for no more (RD-02, RD-04). Compared minute by
 * minute over a week and every holiday, for every path a face may take against the certain paths of the others.
 */
export const equalWays: Rule = {
  id: "equal-ways",
  severity: "refuse",
  article: ["PIPL 16", "Order 19 (2025) art. 10", "法释〔2021〕15号 art. 10", "EDPB 3/2019 sec. 5.1"],
  check: (graph) => [
    ...waysOf(graph).flatMap(({ door, live, possible }): Hit[] => {
      if (live.length === 0) return []; // another-way says it
      return possible
        .filter(({ kind }) => kind === "face")
        .flatMap((face) => {
          const lack = shortfall(graph, face, live);
          if (!lack) return [];
          const params = { door: doorName(door), ...lack };
          return [{ node: face.sensor.id, door: doorId(door), params }];
        });
    }),
    ...dearer(graph),
  ],
};
