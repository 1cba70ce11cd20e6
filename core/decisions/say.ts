import { type Language, sentence } from "../words.ts";
import type { Entry, Recorded } from "./schema.ts";

/** One thing an entry says: what it is called, and what was written. */
export type Said = readonly [label: string, value: string];

/** Fields whose values are words of ours. */
const coded = new Set(["matter", "places", "way", "step"]);
/** Read by programs, or told beside the entry. */
const hidden = new Set(["kind", "facts", "papers", "corrects", "cites"]);

/** What an entry says, in somebody's language: field by field, with doors by the names people know. */
export function sayEntry(entry: Entry, language: Language, doorName: (id: string) => string): Said[] {
  const say = (key: string, params = {}) => sentence(language, `decision.${key}`, params);
  const list = (items: readonly string[]) => items.join(language === "en-US" ? ", " : "、");
  const text = (field: string, value: unknown): string => {
    if (field === "heads" || field === "area") return say("tally", value as Record<string, number>);
    if (field === "doors") return list((value as string[]).map(doorName));
    if (Array.isArray(value)) return list(value.map((one) => say(`value.${field}.${String(one)}`)));
    if (/^\d{4}-\d\d-\d\dT/.test(String(value))) return minute(String(value));
    return coded.has(field) ? say(`value.${field}.${String(value)}`) : String(value);
  };
  return Object.entries(entry)
    .filter(([field]) => !hidden.has(field))
    .map(([field, value]) => [say(`field.${field}`), text(field, value)] as const);
}

/** A time as everybody reads it the same: to the minute, in UTC. @param at RFC 3339 */
export const minute = (at: string): string =>
  `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** Every word a form about the record needs, by its key without `decision.`. */
export function formWords(language: Language, keys: readonly string[]): Record<string, string> {
  const words = keys.filter((key) => key.startsWith("decision."));
  return Object.fromEntries(words.map((key) => [key.slice("decision.".length), sentence(language, key)]));
}

/** Who made an entry, as it is told. */
export const sayWho = ({ name, role }: Pick<Recorded, "name" | "role">, language: Language): string => {
  const key = `decision.role.${role}`;
  const said = sentence(language, key);
  return [name, said === key ? role : said].filter((part) => part !== "").join(" · ");
};
