import { borderTypes } from "./graph/expand.ts";
import { hubType } from "./graph/wire.ts";

/** Sensing nodes and the way in each of them is. */
export const sensing = {
  "card-read": "card",
  "pin-read": "pin",
  "pass-read": "pass",
  "face-match": "face",
  "guard-open": "guard",
} as const;
export type SensingType = keyof typeof sensing;
/** `phone`: a resident's own page; it opens where a pass-read is set to take it. */
export type WayKind = (typeof sensing)[SensingType] | "phone";

export const isSensing = (type: string): type is SensingType => Object.hasOwn(sensing, type);

/** Ways that look at no body and need no staff: the ones that make refusing a real choice. */
export const independent: ReadonlySet<string> = new Set(["card", "pin", "pass"]);

export const attemptNodes: ReadonlySet<string> = new Set([
  ...Object.keys(sensing),
  "entry-rule",
  "consent-check",
  "audit-log",
]);

const ours: ReadonlySet<string> = new Set([
  ...attemptNodes,
  "relay-out",
  "door-watch",
  "retention-rule",
  "face-enrol",
  "resident-desk",
  "ha-discovery",
]);

/** Whether a node or config node is one of this palette's. */
export const isLimens = (type: string): boolean =>
  ours.has(type) || type.startsWith("limen-") || type.startsWith("ui-limen");

/**
 * Nodes that hand a message on whole, at once, always: the only ones a way in may lead over and still count as live. A
 * switch may drop it, a delay may come too late for its ticket, a function may do anything.
 */
export const conduits: ReadonlySet<string> = new Set([
  "link in",
  "link out",
  "junction",
  borderTypes.entry,
  borderTypes.exit,
]);

/** Nodes that only pass on, hold back or reshape what arrives: none starts a message of its own. */
export const passing: ReadonlySet<string> = new Set([
  ...conduits,
  hubType,
  "switch",
  "change",
  "range",
  "template",
  "delay",
  "trigger",
  "rbe",
  "split",
  "join",
  "sort",
  "batch",
  "json",
  "csv",
  "xml",
  "yaml",
  "html",
  "link call",
]);

/** Nodes a reader's bytes can come from, by wire. An inject is a test, not a reader. */
export const transports: ReadonlySet<string> = new Set([
  "mqtt in",
  "serial in",
  "tcp in",
  "udp in",
  "websocket in",
  "http in",
  "rpi-gpio in",
  "modbus-read",
]);

/** Where things leave Node-RED's process, or stay in it unseen. */
export const sinks: Readonly<Record<string, string>> = {
  "http request": "http",
  "http response": "http",
  "mqtt out": "mqtt",
  "websocket out": "websocket",
  "tcp out": "tcp",
  "tcp request": "tcp",
  "udp out": "udp",
  "serial out": "serial",
  "serial request": "serial",
  "e-mail": "email",
  file: "file",
  "file in": "file",
  exec: "exec",
  function: "function",
};
