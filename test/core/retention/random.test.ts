import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { Gallery } from "../../../core/faces/gallery.ts";
import { handClock } from "../hand-clock.ts";
import { HandLook } from "./looks.ts";
import { embedder, memoryDisk, noticeFor, openSite, type TestSite } from "./site.ts";

/** mulberry32: a run is repeated by its seed. */
function dice(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count: number) => Math.floor(next() * count);
  return { next, below, of: <T>(list: readonly T[]): T | undefined => list[below(list.length)] };
}

/** What a person of the model has said, in the plainest words. */
interface Said {
  id: string;
  doors: readonly string[];
  material: string;
  state: "given" | "over";
  runsOut: number;
}
interface Known {
  consents: Said[];
  resident: boolean;
  erased: boolean;
}

const doors = ["gate-1", "gate-2", "garage"];
const materials = ["a", "b", "c"];
const dayMs = 24 * 3_600_000;

/**
 * An oracle that shares no code with the ledger: at every step whoever may be compared must be somebody who, in the
 * model, said yes to this door under the notice in force and has not taken it back, run out, moved out or been erased.
 */
class Model {
  readonly people = new Map<string, Known>();
  readonly notices = new Map<string, string>();
  latest = 0;

  /** Somebody consents by a clock that is behind: what had run out stays so, and the clock counts again. */
  believe(now: number): void {
    for (const { consents } of this.people.values()) {
      for (const said of consents) if (this.latest >= said.runsOut) said.state = "over";
    }
    this.latest = now;
  }

  allowed(door: string): Set<string> {
    const live = [...this.people].filter(
      ([, { consents, resident, erased }]) =>
        resident &&
        !erased &&
        consents.some(
          (said) =>
            said.state === "given" &&
            said.doors.includes(door) &&
            this.latest < said.runsOut &&
            said.material === this.notices.get(door),
        ),
    );
    return new Set(live.map(([id]) => id));
  }
}

describe("10,000 random steps", () => {
  it("never lets anybody be compared, or a look end in anybody, without a live consent", async () => {
    const seed = Number(process.env.LIMEN_SEED ?? Date.now() % 1e9);
    const { next, below, of } = dice(seed);
    const clock = handClock("2026-11-23T08:00:00.000Z");
    let gallery = new Gallery(embedder.dimensions);
    const drop = ({ templates }: { templates: readonly string[] }) => {
      for (const template of templates) gallery.drop(template);
    };
    const options = { rules: { validMonths: 2 }, others: { drop } };
    // power cuts are tested elsewhere
    let site: TestSite = openSite(clock, { ...options, dir: mkdtempSync(join(memoryDisk, "limen-random-")) });
    const model = new Model();
    /** Whose face is how, for as long as this test runs. */
    const looksLike = new Map<string, Float32Array<ArrayBuffer>>();
    const looks: HandLook[] = [];
    const done = {
      give: 0,
      withdraw: 0,
      refuse: 0,
      leave: 0,
      erase: 0,
      publish: 0,
      restart: 0,
      back: 0,
      allowed: 0,
      look: 0,
      matched: 0,
      lostOnTheWay: 0,
    };
    let step = 0;
    const say = (text: string) => `${text} (seed ${seed}, step ${step})`;
    const looked = () => {
      model.latest = Math.max(model.latest, clock.now().getTime());
    };

    const enrol = (person: string) => {
      const raw = Float32Array.from({ length: embedder.dimensions }, () => next() - 0.5);
      const length = Math.hypot(...raw);
      const face = raw.map((value) => value / length);
      looksLike.set(person, face);
      const template = site.enrol(person, Float32Array.from(face));
      gallery.put(template, person, [face]);
    };
    const withdraw = ({ id }: Said) => {
      try {
        site.removal.withdraw(id);
      } catch (error) {
        assert.equal((error as { code: string }).code, "consent-over", say(String(error)));
      }
    };
    const look = () => {
      const door = of(doors)!;
      // mostly somebody who may come in: it is on the way that things are to happen
      const id = (next() < 0.8 ? of([...model.allowed(door)]) : undefined) ?? of([...looksLike.keys()]);
      if (id === undefined || looks.length >= 6) return;
      looks.push(
        new HandLook(id, door, looksLike.get(id)!, {
          gallery,
          clock,
          allowed: (person) => site.consents.check(person, "face", door) === undefined,
          compared: (people) => {
            looked();
            const live = model.allowed(door);
            for (const person of people) assert.ok(live.has(person), say(`${person} was given to a worker`));
          },
        }),
      );
      done.look += 1;
    };
    /** What came of the looks that are over: whoever one ended in has a live consent now, not only when it began. */
    const judge = () => {
      looked();
      for (const one of looks.filter(({ over }) => over !== undefined)) {
        looks.splice(looks.indexOf(one), 1);
        const { over, door, person } = one;
        assert.notEqual(over, "ended", say("a look failed"));
        if (over === "ended" || over === undefined) continue;
        const live = model.allowed(door);
        if (over.code === "granted") {
          assert.ok(live.has(over.person!), say(`${over.person} matched at ${door} without a live consent`));
          done.matched += 1;
        } else if (one.began && !live.has(person)) done.lostOnTheWay += 1;
      }
    };

    const publish = () => {
      const drafts = materials
        .map((material) =>
          noticeFor(
            doors.filter(() => next() < 0.5),
            material,
            `words ${below(3)}`,
          ),
        )
        .filter(({ doors: of }) => of.length > 0);
      // one notice a door: the last draft that names it, as the flow would
      const one = drafts.map((draft, at) => ({
        ...draft,
        doors: draft.doors.filter(
          (door) => !drafts.slice(at + 1).some((later) => later.doors.includes(door)),
        ),
      }));
      site.consents.publish(one.filter((draft) => draft.doors.length > 0));
      model.notices.clear();
      for (const draft of one) for (const door of draft.doors) model.notices.set(door, draft.material);
      for (const { consents } of model.people.values()) {
        for (const said of consents) {
          const stale = said.doors.some((door) => {
            const material = model.notices.get(door);
            return material !== undefined && material !== said.material;
          });
          if (stale) said.state = "over";
        }
      }
      done.publish += 1;
    };

    const acts: [number, () => void | Promise<void>][] = [
      [8, look],
      [
        40,
        () => {
          const one = of(looks);
          if (!one) return;
          clock.pass(1);
          if (one.working) one.answer();
          else one.frame();
        },
      ],
      [
        4,
        () => {
          // somebody takes it back in front of the camera
          const one = of(looks);
          const known = one && model.people.get(one.person)!;
          if (!known || known.erased) return;
          for (const said of known.consents) {
            withdraw(said);
            said.state = "over";
          }
        },
      ],
      [
        3,
        () => {
          const id = site.persons.create({ name: `Resident ${step}` });
          model.people.set(id, { consents: [], resident: true, erased: false });
        },
      ],
      [
        30,
        () => {
          const id = of([...model.people.keys()]);
          const known = id === undefined ? undefined : model.people.get(id);
          const material = of([...new Set(model.notices.values())]);
          const here = doors.filter((door) => model.notices.get(door) === material && next() < 0.8);
          if (id === undefined || !known || material === undefined || here.length === 0) return;
          if (!known.resident || known.erased) {
            assert.throws(() => site.give(id, here), say("gone"));
            return;
          }
          const { consent } = site.give(id, here);
          const now = clock.now();
          if (now.getTime() < model.latest) model.believe(now.getTime());
          looked();
          const later = new Date(now);
          later.setUTCMonth(later.getUTCMonth() + 2);
          if (later.getUTCDate() !== now.getUTCDate()) later.setUTCDate(0); // the shorter month's last day
          for (const said of known.consents) {
            if (said.doors.every((door) => here.includes(door))) said.state = "over";
          }
          known.consents.push({
            id: consent.id,
            doors: here,
            material,
            state: "given",
            runsOut: later.getTime(),
          });
          if (site.templates.of(id).length === 0) enrol(id);
          done.give += 1;
        },
      ],
      [
        12,
        () => {
          const all = [...model.people.values()]
            .filter(({ erased }) => !erased)
            .flatMap(({ consents }) => consents);
          const said = of(all);
          if (!said) return;
          withdraw(said);
          said.state = "over";
          done.withdraw += 1;
        },
      ],
      [
        2,
        () => {
          const id = of([...model.people.keys()]);
          const known = id === undefined ? undefined : model.people.get(id);
          if (id === undefined || !known || known.erased) return;
          site.removal.refuse({ person: id, method: "face", channel: "desk" });
          for (const said of known.consents) said.state = "over";
          done.refuse += 1;
        },
      ],
      [
        2,
        () => {
          const id = of([...model.people.keys()]);
          const known = id === undefined ? undefined : model.people.get(id);
          if (id === undefined || !known || known.erased) return;
          site.persons.leave(id);
          site.removal.leave(id);
          known.resident = false;
          for (const said of known.consents) said.state = "over";
          done.leave += 1;
        },
      ],
      [
        2,
        () => {
          const id = of([...model.people.keys()]);
          const known = id === undefined ? undefined : model.people.get(id);
          if (id === undefined || !known || known.erased) return;
          site.removal.persons([id]);
          known.erased = true;
          done.erase += 1;
        },
      ],
      [1, publish],
      [1.5, () => site.settle()],
      [1, () => site.removal.sweep()],
      [8, () => clock.pass(below(8 * 3_600_000))],
      [
        3,
        () => {
          const days = below(41) - 20;
          if (days < 0) done.back += 1;
          clock.set(new Date(clock.now().getTime() + days * dayMs));
        },
      ],
      [
        0.4,
        async () => {
          for (const one of looks.splice(0)) await one.end();
          // the latest time is on disk when something was written; a look alone is not a record
          site.consents.sweep();
          looked();
          site.close();
          site = openSite(clock, { ...options, dir: site.dir });
          site.erasures.resume();
          gallery = new Gallery(embedder.dimensions);
          site.templates.load(gallery, embedder, 0);
          done.restart += 1;
        },
      ],
    ];
    const total = acts.reduce((sum, [weight]) => sum + weight, 0);
    const act = () => {
      let left = next() * total;
      return acts.find(([weight]) => {
        left -= weight;
        return left < 0;
      })![1];
    };

    try {
      publish();
      for (step = 1; step <= 10_000; step += 1) {
        await act()();
        await turn(); // whatever a look can do now it does
        judge();
        const door = of(doors)!;
        const expected = model.allowed(door);
        const compared = site.consents.peopleAt("face", door);
        for (const id of compared)
          assert.ok(expected.has(id), say(`${id} at ${door} without a live consent`));
        for (const id of expected) assert.ok(compared.has(id), say(`${id} at ${door} has a live consent`));
        done.allowed += compared.size;
        if (step % 50 === 0) {
          for (const id of gallery.people()) {
            assert.ok(!model.people.get(id)!.erased, say(`${id} is erased and in memory`));
          }
        }
      }
      site.settle();
      site.settle();
      for (const [id, { erased }] of model.people) {
        if (erased)
          assert.deepEqual([site.templates.of(id).length, site.persons.has(id)], [0, false], say(id));
      }
      assert.deepEqual(site.log.coverage().findings, [], say("coverage"));
      for (const [what, times] of Object.entries(done))
        assert.ok(times > 10, say(`${what} happened ${times} times`));
    } finally {
      site.remove();
    }
  }).timeout(120_000);
});
