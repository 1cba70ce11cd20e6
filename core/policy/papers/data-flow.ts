import { type Recipient, recipientLines } from "../../rights/recipients.ts";
import { type Language, sentence } from "../../words.ts";
import { readGraph } from "../graph/graph.ts";
import type { Graph, Vertex } from "../graph/types.ts";
import { isLimens, passing, sinks, transports } from "../kinds.ts";
import type { Document } from "./document.ts";
import type { SiteFacts } from "./facts.ts";
import { retentionTable } from "./tables.ts";
import { speaker } from "./words.ts";

/** Where a sending node sends, as far as the file says: a host and topic, an address, a file. Never a credential. */
function destination(graph: Graph, { config, type }: Vertex): string {
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  if (type === "mqtt out" || type === "mqtt in") {
    const broker = graph.config(config.broker, "mqtt-broker")?.config;
    return [text(broker?.broker), text(config.topic)].filter((part) => part !== "").join(" ");
  }
  const address = text(config.url) || text(config.host) || text(config.server) || text(config.filename);
  return address.replace(/\/\/[^/@]*@/, "//").replace(/\?.*$/, "");
}

/** Nodes that start, show or comment inside the editor, and hand nothing to anybody. */
const inert: ReadonlySet<string> = new Set(["inject", "debug", "catch", "status", "complete", "comment"]);

/** Whatever may send something: known ways out, and every node nobody here knows. */
const sends = ({ type }: Vertex): boolean =>
  Object.hasOwn(sinks, type) ||
  !(isLimens(type) || passing.has(type) || transports.has(type) || inert.has(type));

/** A line or broker by what the file says of it; never a credential. */
const lineOf = ({ config }: { config: Record<string, unknown> }): string =>
  ["port", "serialport", "broker", "host"]
    .map((field) => config[field])
    .filter((value) => (typeof value === "string" || typeof value === "number") && value !== "")
    .join(" ");

/**
 * Every store, wire, device and retention of a deployed flow (RD-33, RD-58).
 * @param hash of the flow, lower-case hex
 * @param register processors of the site, as the vault's register has them
 */
export function dataFlowPage(
  flow: readonly object[],
  site: SiteFacts,
  hash: string,
  language: Language,
  register: readonly Recipient[] = [],
): Document {
  const say = speaker(language);
  const graph = readGraph(flow);
  const way = (kind: string) => sentence(language, `way.${kind}`);
  const yes = (value: boolean) => say(value ? "flow.yes" : "flow.no");
  const days = say("flow.time.days", { days: site.eventDays });
  const place = say("flow.place");
  const store = (name: string, time: string) => [say(`flow.store.${name}`), place, time];
  const senders = graph.vertices.filter(sends);
  const arriving = graph.vertices.filter(({ type }) => transports.has(type));
  const lines = ["limen-bus", "serial-port", "mqtt-broker"].flatMap((type) => graph.configs(type));
  return {
    language,
    title: say("flow.title", { site: site.name }),
    ...(site.demonstration ? { mark: say("demonstration") } : {}),
    parts: [
      {
        heading: say("flow.doors.heading"),
        table: [
          [
            say("notice.door"),
            say("flow.doors.class"),
            say("notice.ways"),
            say("flow.doors.face"),
            say("flow.doors.guard"),
          ],
          ...site.doors.map((door) => [
            door.name,
            door.class,
            say.list(door.independent.map(way)) || say("none"),
            yes(door.face),
            yes(door.guard),
          ]),
        ],
      },
      {
        heading: say("flow.stores.heading"),
        table: [
          [say("flow.stores.data"), say("flow.stores.place"), say("flow.stores.time")],
          store("people", say("flow.time.residency")),
          ...(site.doors.some(({ face }) => face) ? [store("faces", say("flow.time.consent"))] : []),
          store("ledger", say("flow.time.consents")),
          store("events", days),
          store("log", say("flow.time.always")),
        ],
      },
      {
        heading: say("flow.retention.heading"),
        table: retentionTable(site, say),
      },
      {
        heading: say("flow.devices.heading"),
        paragraphs: [say("flow.devices")],
        table: [
          [say("flow.outside.node"), say("flow.outside.kind"), say("flow.outside.to")],
          ...lines.map((line) => [String(line.config.name || line.id), line.type, lineOf(line)]),
          ...arriving.map((node) => [
            node.label,
            `${node.type} (${say("flow.inside")})`,
            destination(graph, node),
          ]),
        ],
      },
      {
        heading: say("flow.cameras.heading"),
        paragraphs: [say("flow.cameras")],
        table: [
          [say("flow.outside.node"), say("flow.outside.kind")],
          ...graph
            .configs("limen-camera")
            .map(({ config, id }) => [String(config.camera ?? id), String(config.kind ?? "")]),
        ],
      },
      {
        heading: say("flow.outside.heading"),
        paragraphs: [say("flow.outside")],
        table: [
          [say("flow.outside.node"), say("flow.outside.kind"), say("flow.outside.to")],
          ...senders.map((node) => [node.label, sinks[node.type] ?? node.type, destination(graph, node)]),
        ],
      },
      {
        heading: say("notice.recipients.heading"),
        paragraphs: recipientLines(register, language, say("notice.recipients")),
      },
      { heading: say("flow-hash"), paragraphs: [hash] },
    ],
  };
}
