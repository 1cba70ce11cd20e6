import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { ticketMs } from "../../core/entry/tickets.ts";
import type { VaultEvent } from "../../vault/protocol/index.ts";
import { dice } from "../core/policy/oracle/random.ts";
import { WholeSystem } from "./chips/system.ts";
import { has, until as waitFor } from "./lines.ts";
import type { Device } from "./replug/devices.ts";
import { type Card, known, type TriedDoor, TriedSite } from "./replug/site.ts";

const seed = Number(process.env.LIMEN_SEED ?? Date.now() % 1e6);
/** How often everything is pulled out; more by hand. */
const rounds = Number(process.env.LIMEN_ROUNDS ?? 1);
/** So many doors at most miss something at a time: the others show that they go on. */
const mostAway = 6;
const between = 700;
/** Where the lock's own pulse is long, people let it end: one that is on without a gap cannot be told from a dead one. */
const betweenLong = 8000;

/** A card that was laid on a reader is decided by then, also on a busy machine. */
const decidedMs = 3000;

/** Patient: a busy machine may starve everything for a while. */
const until = (holds: () => boolean | Promise<boolean>, what: string): Promise<void> =>
  waitFor(holds, what, 60_000);

/** What the vault said of one door. */
class Ledger {
  /** Attempts it granted, and when we heard of it. */
  readonly granted = new Map<string, number>();
  readonly refused = new Set<string>();
  /** Attempts of which the lock's node said what became of them. */
  readonly told = new Set<string>();
  opened = 0;
  /** When somebody last laid a card on its reader. */
  tapped = 0;

  /** Nothing is on its way to the lock any more: told of, or its ticket is past its time. */
  get settled(): boolean {
    const now = Date.now();
    const dead = now - 2 * ticketMs;
    if (now < this.tapped + decidedMs) return false;
    return [...this.granted].every(([attempt, at]) => this.told.has(attempt) || at < dead);
  }
}

/** Somebody at every door, all the time. */
class Crowd {
  /** Doors nobody goes to just now. */
  readonly resting = new Set<TriedDoor>();
  #over = false;
  readonly #all: Promise<void>[];

  readonly #tap: (door: TriedDoor, card: Card) => Promise<void>;

  constructor(doors: readonly TriedDoor[], tap: (door: TriedDoor, card: Card) => Promise<void>) {
    this.#tap = tap;
    this.#all = doors.map((door) => this.#at(door));
  }

  async #at(door: TriedDoor): Promise<void> {
    for (let turn = 0; !this.#over; turn++) {
      if (!this.resting.has(door)) await this.#tap(door, turn % 4 === 3 ? "stranger" : "known");
      await pause(door.id === "esphome" ? betweenLong : between);
    }
  }

  async end(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#all);
  }
}

describe(`every kind of device, pulled out and plugged in again while people come (seed ${seed})`, () => {
  let system: WholeSystem;
  let site: TriedSite;
  let crowd: Crowd | undefined;
  let looking: NodeJS.Timeout | undefined;
  const ledgers = new Map<string, Ledger>();
  let alarms = new Map<string, string[]>();

  before(async function () {
    if (!has("socat")) this.skip();
    system = await new WholeSystem().start();
    site = await new TriedSite(() => `mqtt://127.0.0.1:${system.devices.options.port}`).begin();
    for (const { id } of site.doors) ledgers.set(id, new Ledger());
    system.vault.on("event", hear);
    await system.deploy(site.flow);
    await site.connect();
    const [, person] = await system.api("desk", "POST", "/persons", { name: "Resident" });
    for (const number of known) {
      const card = { kind: "card", ...number };
      const [status, body] = await system.api("desk", "POST", `/persons/${person.id}/credentials`, card);
      assert.equal(status, 201, JSON.stringify(body));
    }
    looking = setInterval(() => void look().catch(() => undefined), 300);
  });
  after(async () => {
    clearInterval(looking);
    await crowd?.end();
    await system?.stop();
    await site?.end();
  });

  const hear = (event: VaultEvent): void => {
    if (event.event === "attempt") {
      const { id, door, outcome } = event.attempt;
      if (outcome === "granted") ledgers.get(door)?.granted.set(id, Date.now());
      if (outcome === "denied") ledgers.get(door)?.refused.add(id);
    } else if (event.event === "door" && event.attempt !== undefined) {
      const ledger = ledgers.get(event.door);
      if (event.kind !== "opened" && event.kind !== "relay-failed") return;
      ledger?.told.add(event.attempt);
      if (ledger && event.kind === "opened") ledger.opened++;
    }
  };
  /** What staff see on the wall. */
  const look = async (): Promise<void> => {
    const [status, { doors }] = await system.api("technician", "GET", "/doors");
    if (status !== 200) return;
    const seen = doors as { id: string; alarms?: { kind: string }[] }[];
    alarms = new Map(seen.map(({ id, alarms = [] }) => [id, alarms.map(({ kind }) => kind)]));
  };
  const ledger = ({ id }: TriedDoor): Ledger => ledgers.get(id)!;
  const openings = (doors: readonly TriedDoor[]): number =>
    doors.reduce((sum, { lock }) => sum + lock.opened, 0);

  const tap = async (door: TriedDoor, card: Card): Promise<void> => {
    ledger(door).tapped = Date.now();
    await door.tap(card);
  };
  /** Lays a card on again and again until something holds. */
  const tapUntil = async (door: TriedDoor, card: Card, holds: () => boolean, what: string): Promise<void> =>
    until(async () => {
      if (holds()) return true;
      await tap(door, card);
      await pause(between);
      return holds();
    }, `${door.id}: ${what}`);
  const turnedAway = async (door: TriedDoor, when: string): Promise<void> => {
    const before = ledger(door).refused.size;
    await tapUntil(door, "stranger", () => ledger(door).refused.size > before, `a stranger, ${when}`);
  };
  const opens = async (door: TriedDoor, when: string): Promise<void> => {
    const before = door.lock.opened;
    await tapUntil(door, "known", () => door.lock.opened > before, `an opening ${when}`);
  };
  const othersGoOn = async (door: TriedDoor, away: ReadonlySet<TriedDoor>, when: string): Promise<void> => {
    const others = site.doors.filter((other) => other !== door && !away.has(other));
    const before = openings(others);
    await until(() => openings(others) >= before + 3, `the other doors, ${door.id} ${when}`);
  };
  const settled = async (door: TriedDoor): Promise<void> => {
    await until(() => ledger(door).settled, `${door.id}: what became of every card`);
    assert.ok(door.lock.opened <= ledger(door).granted.size, `${door.id} opened for nobody`);
  };

  const away = new Set<TriedDoor>();
  /** Pulls one device out and plugs it in again. @param busy people come also while it comes back */
  const replug = async (door: TriedDoor, device: Device, missed: boolean, busy: boolean): Promise<void> => {
    const { name } = device;
    const when = `without its ${name}`;
    await until(() => away.size < mostAway && away.add(door).has(door), `${door.id}: its turn`);
    await device.away();
    if (missed)
      await until(
        () => device.missed.some((kind) => alarms.get(door.id)?.includes(kind)),
        `${door.id}: the alarm ${when} (${alarms.get(door.id)})`,
      );
    await othersGoOn(door, away, when);
    if (!busy) {
      crowd!.resting.add(door);
      if (!device.reads) await turnedAway(door, when);
      await settled(door);
      const { opened } = door.lock;
      await device.back();
      await until(() => device.found(), `${door.id}: its ${name} to be found again`);
      await turnedAway(door, `with its ${name} again`);
      await othersGoOn(door, away, "found again");
      assert.equal(door.lock.opened, opened, `${door.id} opened by itself when its ${name} was back`);
      crowd!.resting.delete(door);
    } else await device.back();
    await opens(door, `with its ${name} again`);
    away.delete(door);
  };

  it("opens every door, tells what is missing, opens nothing by itself and everything again", async () => {
    await Promise.all(site.doors.map((door) => opens(door, "at first")));
    crowd = new Crowd(site.doors, tap);
    await Promise.all(
      site.doors.map(async (door, place) => {
        const roll = dice(seed + place);
        for (let round = 1; round <= rounds; round++) {
          const waiting = [...door.devices];
          while (waiting.length > 0) {
            const [device] = waiting.splice(roll.below(waiting.length), 1);
            // what is missed after a quarter of a minute only is waited for once
            const missed = device!.slow !== true || round === rounds;
            await replug(door, device!, missed, roll.chance(0.3));
          }
        }
      }),
    );
    await crowd.end();
    for (const door of site.doors) await settled(door);
    await until(() => site.doors.every(({ lock }) => !lock.on), "every lock to be shut");
    const standing = () => [...alarms].filter(([, kinds]) => kinds.length > 0);
    await until(() => standing().length === 0, "the last alarm's end").catch(() => undefined);
    assert.deepEqual(standing(), [], "alarms that do not end");
  });
});
