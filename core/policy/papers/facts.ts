import { readGraph } from "../graph/graph.ts";
import type { ConfigNode, Graph } from "../graph/types.ts";
import type { WayKind } from "../kinds.ts";
import { factsOf, type MaterialFacts, spellFacts } from "../material.ts";
import { loadPack, type Pack } from "../packs.ts";
import { doorId, doorName, doorOf, isOn } from "../site.ts";
import { waysOf } from "../ways.ts";

/** One door as the papers speak of it. */
export interface DoorFacts {
  id: string;
  name: string;
  class: string;
  /** Ways in that certainly work without a face and without staff. */
  independent: WayKind[];
  face: boolean;
  guard: boolean;
  simulated: boolean;
  material: MaterialFacts;
  /** The material facts in their one spelling. */
  spelt: string;
}

/** What all papers are made from: the flow, and nothing else. */
export interface SiteFacts {
  name: string;
  controller: string;
  contact: string;
  address: string;
  /** Who watches over the protection of data (PIPL 52, GDPR 37), and how they are reached; empty: nobody was named. */
  privacyContact: string;
  /** Representative in the Union or in China (GDPR 27, PIPL 53); empty: none. */
  representative: string;
  /** Numbers under which the system is on file with an authority; empty: none given. */
  filings: string;
  languages: string[];
  demonstration: boolean;
  pack: Pack;
  eventDays: number;
  /** What the flow's retention rules say, in its order: a class of data and its days. */
  retention: { class: string; days: number }[];
  doors: DoorFacts[];
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

function doorFacts(graph: Graph, door: ConfigNode): DoorFacts {
  const ways = waysOf(graph).find((each) => each.door.key === door.key);
  const has = (type: string) => graph.of(type).some((node) => doorOf(graph, node)?.key === door.key);
  const material = factsOf(graph, door);
  return {
    id: doorId(door),
    name: doorName(door),
    class: text(door.config.class) || "entrance",
    independent: [...new Set([...(ways?.live ?? []), ...(ways?.phone ?? [])].map(({ kind }) => kind))],
    face: has("face-match"),
    guard: has("guard-open"),
    simulated: isOn(door.config.simulated),
    material,
    spelt: spellFacts(material),
  };
}

/** Reads from a flow what its papers must say. */
export function siteFacts(flow: readonly object[]): SiteFacts {
  const graph = readGraph(flow);
  const site = graph.configs("limen-site")[0]?.config;
  const doors = graph.configs("limen-door").map((door) => doorFacts(graph, door));
  return {
    name: text(site?.name),
    controller: text(site?.controllerName),
    contact: text(site?.controllerContact),
    address: text(site?.controllerAddress),
    privacyContact: text(site?.privacyContact),
    representative: text(site?.representative),
    filings: text(site?.filings),
    languages: Array.isArray(site?.languages) ? site.languages.map(String) : [],
    demonstration: isOn(site?.demonstration),
    pack: loadPack(text(site?.pack) || "cn"),
    eventDays: doors[0]?.material.eventDays ?? 0,
    retention: graph
      .of("retention-rule")
      .filter(({ config }) => config.mode !== "preview")
      .map(({ config }) => ({ class: text(config.class) || "entry-events", days: Number(config.days) })),
    doors,
  };
}
