import { createHmac, hkdfSync, type randomBytes } from "node:crypto";
import { LimenError } from "../errors.ts";
import { open, seal } from "../store/seal.ts";
import type { DayKeys, KeyRing, SubjectKeys } from "../store/types.ts";
import { commitmentOf, disclosureDigest, makeDisclosure, readDisclosure } from "./disclosure.ts";
import { className, dayName, dayNumber, type Leaf } from "./leaf.ts";
import type { PayloadRow } from "./ledger.ts";
import { type FieldValue, type LeafClass, type LogEntry, leafClasses } from "./types.ts";

/** A day's two keys, by class: the personal one may go earlier than the other. */
export type Part = "shared" | "personal";
export const dayKeyId = (day: string, name: LeafClass, part: Part): string => `${day}/${name}/${part}`;

/**
 * What can still be opened of an entry, in the order committed to: a disclosure, or `#` and the digest of one that is
 * gone. Empty when all is gone.
 */
export type OpenItems = readonly string[];

/** Fields every entry has beside its own; no other name begins with `$`. */
export const ownFields = { at: "$at", door: "$door", subject: "$subject" } as const;

interface Keys {
  ring: KeyRing;
  subjects: SubjectKeys;
  days: DayKeys;
  random: typeof randomBytes;
}

/** Seals entries and opens them again, under the keys of their day and of whom they concern. */
export class Payloads {
  readonly #keys: Keys;
  readonly #tagKey: Buffer;
  /** Day keys in use; forgotten whenever a transaction fails or a key is destroyed. */
  #cache = new Map<string, Buffer>();

  constructor(keys: Keys) {
    this.#keys = keys;
    this.#tagKey = keys.ring.secret("log subject tag");
  }

  forget(): void {
    for (const key of this.#cache.values()) key.fill(0);
    this.#cache = new Map();
  }

  /** Finds a person's entries of one day; says nothing about the same person's other days. */
  tag(subject: string, day: string): Buffer {
    return createHmac("sha256", this.#tagKey).update(`${day}\n${subject}`).digest().subarray(0, 16);
  }

  /**
   * The leaf and the row of an entry that will stand at `index`.
   * @throws LimenError `no-subject-key` when the person has none (any more), TypeError for a field name with `$`
   */
  close(entry: LogEntry, index: number): { leaf: Leaf; row: PayloadRow } {
    const { class: name, door, subject } = entry;
    const fields = fieldsOf(entry);
    const day = dayNumber(entry.at);
    const disclosures = fields.map(([field, value]) => makeDisclosure(field, value, this.#keys.random));
    const digests = disclosures.map(disclosureDigest);
    const personal = (at: number) => isPersonal(entry, fields[at]![0]);
    const own = disclosures.filter((_, at) => personal(at));
    const row: PayloadRow = {
      idx: index,
      class: leafClasses[name],
      day,
      parts: own.length === 0 ? 1 : own.length === disclosures.length ? 2 : 3,
      door: door ?? null,
      tag: null,
      who: null,
      shared: null,
      personal: null,
    };
    if (subject !== undefined) {
      row.tag = this.tag(subject, dayName(day));
      row.who = this.#seal(row, "who", Buffer.from(subject));
      row.personal = this.#seal(row, "personal", Buffer.from(own.join("\n")), subject);
    }
    if (own.length < disclosures.length) {
      const items = disclosures.map((disclosure, at) => (personal(at) ? `#${digests[at]}` : disclosure));
      row.shared = this.#seal(row, "shared", Buffer.from(items.join("\n")));
    }
    return { leaf: { class: name, day, commitment: commitmentOf(digests) }, row };
  }

  /** @throws LimenError `seal-broken` when the row was altered or is another entry's */
  open(row: PayloadRow): OpenItems {
    const shared = row.shared && this.#open(row, "shared", row.shared);
    const who = row.who && this.#open(row, "who", row.who);
    const personal = row.personal && who && this.#open(row, "personal", row.personal, who.toString());
    const own = personal?.toString().split("\n") ?? [];
    if (!shared) return row.parts === 2 ? own : [];
    return shared
      .toString()
      .split("\n")
      .map((item) => (item.startsWith("#") ? (own.shift() ?? item) : item));
  }

  /** HKDF-SHA256(K_day || K_subject, salt = index, info): the death of either key closes the record for good. */
  #recordKey(row: PayloadRow, part: "who" | Part, make: boolean, subject?: string): Buffer | undefined {
    const { days, subjects } = this.#keys;
    const id = dayKeyId(dayName(row.day), className(row.class)!, part === "shared" ? "shared" : "personal");
    const dayKey = this.#cache.get(id) ?? (make ? days.create(id) : days.get(id));
    if (!dayKey) return undefined;
    this.#cache.set(id, dayKey);
    const own = subject === undefined ? Buffer.alloc(0) : subjects.get(subject);
    if (!own) return undefined;
    const salt = Buffer.alloc(8);
    salt.writeBigUInt64BE(BigInt(row.idx));
    const key = hkdfSync("sha256", Buffer.concat([dayKey, own]), salt, `limen log v1 ${part}`, 32);
    own.fill(0);
    return Buffer.from(key);
  }

  #seal(row: PayloadRow, part: "who" | Part, plain: Buffer, subject?: string): Buffer {
    const key = this.#recordKey(row, part, true, subject);
    if (!key) throw new LimenError("no-subject-key", { status: 410 });
    return seal(key, this.#context(row, part), plain);
  }

  #open(row: PayloadRow, part: "who" | Part, sealed: Buffer, subject?: string): Buffer | undefined {
    const key = this.#recordKey(row, part, false, subject);
    return key && open(key, this.#context(row, part), sealed);
  }

  // The origin is not in it: a restored log goes on under another one and must still read its own past.
  #context = (row: PayloadRow, part: string) => ({
    kind: `log-${part}`,
    version: 1,
    site: "log",
    subject: `${row.idx} ${row.class} ${row.day} ${row.parts}`,
  });
}

function fieldsOf({ at, door, subject, fields }: LogEntry): [name: string, value: FieldValue][] {
  const own: [string, FieldValue][] = [[ownFields.at, at.toISOString()]]; // throws for a date that is none
  if (door !== undefined) own.push([ownFields.door, door]);
  if (subject !== undefined) own.push([ownFields.subject, subject]);
  const more = Object.entries(fields);
  const bad = more.find(([name]) => name.startsWith("$"));
  if (bad) throw new TypeError(`a log field cannot be called ${bad[0]}`);
  return [...own, ...more];
}

function isPersonal({ subject, personal }: LogEntry, field: string): boolean {
  if (subject === undefined) return false;
  return personal === undefined || field === ownFields.subject || personal.includes(field);
}

/** The fields that can still be read, and the digests of all, in the order committed to. */
export function readItems(items: OpenItems): {
  fields: Map<string, FieldValue>;
  digests: string[];
  whole: boolean;
} {
  const fields = new Map<string, FieldValue>();
  const digests = items.map((item) => {
    if (item.startsWith("#")) return item.slice(1);
    const disclosed = readDisclosure(item);
    if (disclosed) fields.set(disclosed.name, disclosed.value);
    return disclosureDigest(item);
  });
  return { fields, digests, whole: items.length > 0 && !items.some((item) => item.startsWith("#")) };
}
