import assert from "node:assert/strict";
import { encodeTime } from "ulid";
import { doorParity, type ParityEvent } from "../../../core/entry/parity.ts";

const from = new Date("2026-11-01T00:00:00Z");
const to = new Date("2026-11-08T00:00:00Z");
const span = to.getTime() - from.getTime();
const methods = ["card", "pin", "face"] as const;

/** A small generator of one's own: the same numbers on every run. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const idAt = (ms: number, n: number): string => encodeTime(ms, 10) + String(n).padStart(16, "0");
const iso = (ms: number): string => new Date(ms).toISOString();

interface Made {
  method: string;
  granted: boolean;
  took?: number;
}

/** 10,000 attempts, what came of each kept apart from the events made of them. */
function synthetic(): { events: ParityEvent[]; made: Made[] } {
  const random = dice(7);
  const events: ParityEvent[] = [];
  const made: Made[] = [];
  for (let n = 0; n < 10_000; n++) {
    const method = methods[Math.floor(random() * methods.length)]!;
    const at = from.getTime() + Math.floor(random() * (span - 60_000));
    const granted = random() < 0.9;
    const attempt = idAt(at, n);
    events.push({
      at: iso(at + 20),
      door: "gate",
      kind: "decision",
      attempt,
      method,
      outcome: granted ? "granted" : "denied",
    });
    const moved = granted && random() < 0.98;
    const took = Math.floor(method === "face" ? 300 + random() * 400 : 80 + random() * 200);
    if (moved) events.push({ at: iso(at + took), door: "gate", kind: "opened", attempt });
    else if (granted) events.push({ at: iso(at + took), door: "gate", kind: "relay-failed", attempt });
    made.push({ method, granted, ...(moved && { took }) });
  }
  events.sort(() => random() - 0.5);
  return { events, made };
}

describe("door parity", () => {
  it("equals an independent calculation over 10,000 events", () => {
    const { events, made } = synthetic();
    const ways = doorParity(events, methods, from, to);
    assert.deepEqual(ways.map(({ method }) => method).sort(), [...methods].sort());
    for (const way of ways) {
      const own = made.filter(({ method }) => method === way.method);
      const times = own.flatMap(({ took }) => (took === undefined ? [] : [took]));
      // by definition, without sorting: the least value that at least this share does not exceed
      const least = (share: number) => {
        let best = Number.POSITIVE_INFINITY;
        for (const candidate of new Set(times)) {
          const notAbove = times.reduce((sum, time) => sum + Number(time <= candidate), 0);
          if (notAbove >= share * times.length && candidate < best) best = candidate;
        }
        return best;
      };
      assert.equal(way.tries, own.length);
      assert.equal(way.opened, times.length);
      assert.equal(way.success, times.length / own.length);
      assert.equal(way.medianMs, least(0.5));
      assert.equal(way.p95Ms, least(0.95));
      assert.equal(way.uptime, 1);
      assert.equal(way.slower, false);
    }
  });

  it("takes silence off a way's uptime, also silence that began before or has not ended", () => {
    const hour = 3_600_000;
    const at = (hours: number) => iso(from.getTime() + hours * hour);
    const events: ParityEvent[] = [
      { at: at(2), door: "gate", kind: "reader-back", detail: "north" }, // away since before
      { at: at(10), door: "gate", kind: "reader-silent", detail: "north" },
      { at: at(11), door: "gate", kind: "reader-silent", detail: "south" },
      { at: at(12), door: "gate", kind: "reader-back", detail: "north" },
      { at: at(13), door: "gate", kind: "reader-back", detail: "south" },
      { at: at(160), door: "gate", kind: "camera-silent" },
    ];
    const ways = doorParity(events, ["card", "face"], from, to);
    const of = (method: string) => ways.find((way) => way.method === method)!;
    assert.ok(Math.abs(of("card").uptime - (1 - 5 / 168)) < 1e-9);
    assert.ok(Math.abs(of("face").uptime - (1 - 8 / 168)) < 1e-9);
    assert.equal(of("card").lessUp, false);
    assert.equal(doorParity(events.slice(0, 5), ["card", "face"], from, to)[0]!.lessUp, true);
  });

  const opened = (method: string, count: number, took: number, start: number): ParityEvent[] =>
    Array.from({ length: count }, (_, n) => {
      const at = from.getTime() + (start + n) * 60_000;
      const attempt = idAt(at, start + n);
      return [
        { at: iso(at), door: "gate", kind: "decision", attempt, method, outcome: "granted" },
        { at: iso(at + took), door: "gate", kind: "opened", attempt },
      ];
    }).flat();

  it("warns when a way takes more than twice as long as face, and only then", () => {
    const slower = (card: number, count = 5) =>
      doorParity(
        [...opened("face", 5, 400, 0), ...opened("card", count, card, 100)],
        ["card", "face"],
        from,
        to,
      ).map(({ method, slower }) => [method, slower]);
    assert.deepEqual(slower(801), [
      ["card", true],
      ["face", false],
    ]);
    assert.deepEqual(slower(800)[0], ["card", false]);
    assert.deepEqual(slower(5000, 4)[0], ["card", false]); // too few to say
  });

  it("lists a way nobody used, counts no guard, and leaves out what is outside the time", () => {
    const late: ParityEvent = {
      at: "2026-12-01T00:00:00Z",
      door: "gate",
      kind: "decision",
      method: "pin",
      outcome: "denied",
    };
    const ways = doorParity([late, ...opened("guard", 3, 10, 0)], ["card", "guard"], from, to);
    assert.deepEqual(ways, [
      { method: "card", tries: 0, opened: 0, uptime: 1, slower: false, lessUp: false },
    ]);
  });
});
