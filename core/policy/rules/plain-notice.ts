import type { ConfigNode, Graph, Vertex } from "../graph/types.ts";
import { doorName } from "../site.ts";
import { wrongWords } from "../wording.ts";
import type { Hit, Rule } from "./rule.ts";

/** What the notice takes word for word from whoever wires the site. */
const typed = [
  "name",
  "controllerName",
  "controllerContact",
  "controllerAddress",
  "privacyContact",
  "representative",
  "filings",
] as const;
/** What the notice is nothing without (PIPL 17(1), 30): nobody answers for data that nobody is named for. */
const needed = ["controllerName", "controllerContact"] as const;

/** Where a text shown at a door could stand. */
const screens = /^(?:ui[-_](?:template|text|markdown|notification)|template)$/;
const shown = ["template", "format", "label", "content"];

const text = (value: unknown): string => (typeof value === "string" ? value : "");

function ofSite({ id, config }: ConfigNode): Hit[] {
  const missing = needed
    .filter((field) => text(config[field]).trim() === "")
    .map((field): Hit => ({ node: id, params: { variant: "missing", field: `@plain.${field}` } }));
  return [...missing, ...wording(id, typed.map((field) => text(config[field])).join("\n"))];
}

const ofDoor = (door: ConfigNode): Hit[] => wording(door.id, doorName(door));

const ofScreen = ({ id, type, config }: Vertex): Hit[] =>
  screens.test(type) ? wording(id, shown.map((field) => text(config[field])).join("\n")) : [];

const wording = (node: string, said: string): Hit[] =>
  wrongWords(said).map(({ wrong, words }) => ({
    node,
    params: { variant: "wording", words, wrong: `@plain.${wrong}` },
  }));

function check(graph: Graph): Hit[] {
  if (graph.of("face-match").length === 0) return []; // no face, no notice
  return [
    ...graph.configs("limen-site").flatMap(ofSite),
    ...graph.configs("limen-door").flatMap(ofDoor),
    ...graph.vertices.flatMap(ofScreen),
  ];
}

/**
 * The notice names who answers for it, and neither it nor a screen at a door says what would be void, presses anybody, or
 * promises what nobody can keep (RD-07, RD-16).
 */
export const plainNotice: Rule = {
  id: "plain-notice",
  severity: "refuse",
  article: ["PIPL 5, 17, 30", "法释〔2021〕15号 art. 4, 11", "Order 19 (2025) art. 5, 12", "GDPR 12, 13"],
  check,
};
