import { writeSync } from "node:fs";
import { handClock } from "../core/hand-clock.ts";
import { embedder, noticeFor, openSite, type TestSite } from "../core/retention/site.ts";
import { randomFrom } from "./disk-model.ts";

// The vault's own services over all three databases, at work; says on its standard output what it has promised, after
// it promised, and what it is about to end, before it does.

export type SiteSaid =
  | { log: number }
  | { person: string }
  | { credential: string; of: string }
  | { consent: string; of: string; state: "given" | "over" }
  | { template: string; of: string }
  /** About to lose the face, or everything: until it is said to be over, either is right. */
  | { ending: "face" | "person"; of: string }
  | { faceless: string }
  | { gone: string }
  /** An erasure that is over, and the generation of the keys from then on. */
  | { erasure: string; generation: number };

export const door = "main-gate";
const dayMs = 24 * 3_600_000;
const promise = (what: SiteSaid) => writeSync(1, `${JSON.stringify(what)}\n`);

/** Eight numbers of length one that nobody else has. */
export function vectorOf(random: () => number): Float32Array<ArrayBuffer> {
  const vector = Float32Array.from({ length: embedder.dimensions }, () => random() - 0.5);
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

/** What a vault does at its start, before any template is loaded: `vault/open.ts`. */
export function start(folder: string, now?: string): TestSite {
  const site = openSite(handClock(now), { dir: folder });
  site.erasures.resume();
  site.removal.sweep();
  return site;
}

class Day {
  readonly #site: TestSite;
  readonly #random: () => number;
  readonly #running: string[] = [];
  #card = 0;

  constructor(site: TestSite, number: number) {
    this.#site = site;
    this.#random = randomFrom(number);
    this.#card = 40_000_000 + number * 1000;
  }

  /** Somebody moves in, gets a card, says yes and shows a face. */
  enrol(): { person: string; consent: string } {
    const { persons, credentials, give, enrol, log } = this.#site;
    const person = persons.create({ name: "Somebody" });
    promise({ person });
    const hex = (++this.#card).toString(16).padStart(8, "0");
    const card = { person, notation: "8H", number: hex, hex, bits: 32 };
    promise({ credential: credentials.issueCard(card).id, of: person });
    const consent = give(person, [door]).consent.id;
    promise({ consent, of: person, state: "given" });
    promise({ template: enrol(person, vectorOf(this.#random)), of: person });
    promise({ log: log.size });
    return { person, consent };
  }

  again(person: string): void {
    promise({ template: this.#site.enrol(person, vectorOf(this.#random)), of: person });
  }

  withdraw({ person, consent }: { person: string; consent: string }): void {
    promise({ ending: "face", of: person });
    this.#running.push(this.#site.removal.withdraw(consent)!);
    promise({ consent, of: person, state: "over" });
    promise({ faceless: person });
    promise({ log: this.#site.log.size });
  }

  erase(person: string): void {
    promise({ ending: "person", of: person });
    this.#running.push(this.#site.removal.persons([person]));
    promise({ gone: person });
  }

  /** Lets erasures come to their end: write-ahead logs, keys, receipts. */
  settle(): void {
    const { erasures, ring, log } = this.#site;
    this.#site.settle();
    for (const erasure of this.#running.splice(0)) {
      if (erasures.read(erasure).state !== "done") throw new Error("an erasure did not end");
      promise({ erasure, generation: ring.generation });
    }
    promise({ log: log.size });
  }
}

/** @param weaken the harness's own proof: with SQLite's NORMAL it must see losses. The product cannot be set so. */
async function work(folder: string, weaken: boolean): Promise<void> {
  for (let number = 0; number < 3; number++) {
    const site = start(folder, new Date(Date.parse("2026-11-23T08:00:00Z") + number * dayMs).toISOString());
    if (weaken)
      for (const db of [site.ledger, site.people, site.facesDb]) db.exec("PRAGMA synchronous=NORMAL");
    if (number === 0) site.consents.publish([noticeFor([door])]);
    const day = new Day(site, number);
    for (let round = 0; round < 2; round++) {
      const [first, second, third] = [day.enrol(), day.enrol(), day.enrol()];
      day.again(third.person);
      day.withdraw(first);
      if (round === 1) day.settle();
      day.erase(second.person);
      await site.log.publish();
      if (round === 0) day.settle();
    }
    site.close();
  }
}

if (import.meta.main) await work(process.argv[2]!, process.argv[3] === "weaken");
