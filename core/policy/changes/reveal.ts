import type { RawNode } from "../graph/raw.ts";
import { isLimens } from "../kinds.ts";
import type { PropertyChange } from "./schema.ts";

/** Longer values are cut: a record is to be read, and bounded. */
const longest = 120;

/** Settings of other people's nodes that say what a flow does and cannot hold a secret or somebody's number. */
const harmless = new Set(
  `type z g d disabled name label topic retain qos repeat crontab once onceDelay links linkType mode outputs broker method
  scope uncaught active console tosidebar complete timeout drop rate nbRateUnits autoConnect usetls`.split(
    /\s+/,
  ),
);
/** Where a contact, an account or an address stands, in ours too: that it changed is told, not what it is. */
const private_ =
  /pass(?:word|phrase)|secret|token|key$|credential|contact|address|^user|login|url|uri|host|e-?mail|phone/i;
/** A value that reads like a card number, a telephone or somebody's mailbox, whatever it is called. */
const telling = /\d{7,}|[^\s@]+@[^\s@]+\.[^\s@]+/;

/** A value as it is written down; undefined for none. */
export function shown(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

const mayShow = (type: string, name: string, values: readonly (string | undefined)[]): boolean =>
  (isLimens(type) || harmless.has(name)) &&
  !private_.test(name) &&
  !values.some((value) => value !== undefined && telling.test(value));

/** One setting of a node that changed, as far as it may be read by whoever reads the record. */
export function propertyChange(type: string, name: string, before: unknown, after: unknown): PropertyChange {
  const [was, is] = [shown(before), shown(after)];
  if (!mayShow(type, name, [was, is])) return { name: name.slice(0, 80), hidden: true };
  return {
    name: name.slice(0, 80),
    ...(was === undefined ? {} : { before: was }),
    ...(is === undefined ? {} : { after: is }),
  };
}

/** What the installer calls a node. */
export const labelOf = ({ name, label, type }: RawNode): string =>
  String((typeof name === "string" && name) || (typeof label === "string" && label) || type).slice(0, 80);
