import assert from "node:assert/strict";
import type { PresentCard } from "../../../../core/devices/cards/chip-reader.ts";
import { Pn532Host } from "../../../../core/devices/cards/pn532-host.ts";
import { Ntag424Card } from "../../../device/chips/ntag424.ts";
import { Pn532Chip } from "../../../device/chips/pn532.ts";
import { MovedTime } from "../moved-time.ts";

const selectApp = Buffer.from("00a4040c07d276000085010100", "hex");
const begin = Buffer.from("9071000002010000", "hex");

/** A host and a chip on a wire without time. */
class Stand {
  readonly time = new MovedTime();
  readonly chip: Pn532Chip;
  readonly host: Pn532Host;
  readonly states: boolean[] = [];
  readonly seen: string[] = [];
  wire = true;
  /** What is done with a card that lies there. */
  visit: (card: PresentCard) => Promise<void> = () => Promise.resolve();
  #toHost: (bytes: Uint8Array) => void = () => undefined;

  constructor() {
    this.chip = new Pn532Chip((bytes) => setImmediate(() => this.wire && this.#toHost(bytes)));
    this.host = new Pn532Host({
      port: {
        write: (bytes) => {
          if (!this.wire) return Promise.reject(new Error("the line is away"));
          const copy = Buffer.from(bytes);
          setImmediate(() => this.chip.hear(copy));
          return Promise.resolve();
        },
        onData: (listener) => {
          this.#toHost = listener;
          return () => {
            this.#toHost = () => undefined;
          };
        },
      },
      clock: this.time,
      timers: this.time,
      card: async (card) => {
        this.seen.push(Buffer.from(card.uid).toString("hex"));
        await this.visit(card).catch(() => undefined);
      },
      state: (online) => this.states.push(online),
    });
    this.host.start();
  }

  async move(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 10) {
      for (let turn = 0; turn < 12; turn++) await new Promise((next) => setImmediate(next));
      await this.time.move(10);
    }
  }
}

describe("a PN532 that is asked", () => {
  let stand: Stand;
  beforeEach(() => {
    stand = new Stand();
  });
  afterEach(() => stand.host.stop());

  it("is woken, set up, and says which card lies there, again and again while it does", async () => {
    await stand.move(300);
    assert.deepEqual(stand.states, [true]);
    assert.deepEqual(stand.seen, []);
    stand.chip.card = { uid: Buffer.from("01020304", "hex"), sak: 0x08 };
    await stand.move(1000);
    assert.ok(stand.seen.length >= 3);
    assert.ok(stand.seen.every((uid) => uid === "01020304"));
    stand.chip.card = undefined;
    stand.seen.length = 0;
    await stand.move(500);
    assert.deepEqual(stand.seen, []);
  });

  it("carries commands to a card that takes them, and its answers back", async () => {
    const card = new Ntag424Card();
    const answers: string[] = [];
    stand.visit = async (present) => {
      assert.ok(present.talks);
      answers.push(Buffer.from(await present.exchange(selectApp)).toString("hex"));
      answers.push(
        Buffer.from(await present.exchange(begin))
          .toString("hex")
          .slice(32),
      );
    };
    stand.chip.card = card;
    await stand.move(1000);
    assert.deepEqual(answers.slice(0, 2), ["9000", "91af"]);
    assert.ok(stand.seen.length >= 2);
  });

  for (const [what, habits] of [
    ["commands are not heard", { deaf: 2 }],
    ["acknowledgements are lost", { lostAcks: 3 }],
    ["answers are damaged", { damaged: 2 }],
    ["noise lies between the frames", { noise: Buffer.from("55ff0000aa00ff", "hex") }],
    ["old answers come back", { stale: true }],
  ] as const)
    it(`is understood although ${what}`, async () => {
      await stand.move(300);
      stand.chip.habits = { ...habits };
      stand.chip.card = { uid: Buffer.from("04DE5F1EACC040", "hex"), sak: 0 };
      await stand.move(3000);
      assert.ok(stand.seen.includes("04de5f1eacc040"));
      assert.deepEqual([...new Set(stand.seen)], ["04de5f1eacc040"]);
      assert.deepEqual(stand.states, [true]);
    });

  it("says a command for the card once only, whatever is lost", async () => {
    for (const habits of [{ lostAcks: 1 }, { lostAnswers: 1 }, { damaged: 1 }]) {
      stand.chip.carried = [];
      stand.chip.card = new Ntag424Card();
      let asked = 0;
      stand.visit = async (present) => {
        if (asked++ > 0) return;
        stand.chip.habits = { ...habits };
        await present.exchange(selectApp);
      };
      await stand.move(4000);
      assert.equal(stand.chip.carried.length, 1, JSON.stringify(habits));
      stand.chip.card = undefined;
      await stand.move(300);
    }
  });

  it("says that a card has gone in the middle, and finds the next", async () => {
    const card = new Ntag424Card();
    let torn = "";
    stand.visit = async (present) => {
      await present.exchange(selectApp);
      stand.chip.card = undefined;
      await present.exchange(begin).catch((error: { code: string }) => {
        torn = error.code;
      });
    };
    stand.chip.card = card;
    await stand.move(500);
    assert.equal(torn, "card-torn");
    stand.visit = () => Promise.resolve();
    stand.seen.length = 0;
    stand.chip.card = { uid: Buffer.from("01020304", "hex"), sak: 0x08 };
    await stand.move(500);
    assert.ok(stand.seen.includes("01020304"));
  });

  it("takes no command for a card whose visit is over", async () => {
    let kept: PresentCard | undefined;
    stand.visit = (present) => {
      kept ??= present;
      return Promise.resolve();
    };
    stand.chip.card = new Ntag424Card();
    await stand.move(500);
    await assert.rejects(kept!.exchange(selectApp), { code: "card-torn" });
    assert.deepEqual(stand.chip.carried, []);
  });

  it("is away when it does not answer or its line goes, and is back by itself", async () => {
    await stand.move(300);
    stand.chip.habits.dead = true;
    await stand.move(3000);
    assert.deepEqual(stand.states, [true, false]);
    stand.chip.habits.dead = false;
    await stand.move(2000);
    assert.deepEqual(stand.states, [true, false, true]);
    stand.wire = false;
    await stand.move(2000);
    stand.wire = true;
    await stand.move(2000);
    assert.deepEqual(stand.states, [true, false, true, false, true]);
  });

  it("asks nothing more once it is stopped", async () => {
    await stand.move(300);
    stand.host.stop();
    await stand.move(200);
    const before = stand.chip.obeyed.length;
    stand.chip.card = { uid: Buffer.from("01020304", "hex"), sak: 0x08 };
    await stand.move(2000);
    assert.equal(stand.chip.obeyed.length, before);
    assert.deepEqual(stand.seen, []);
  });
});
