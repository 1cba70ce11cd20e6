import assert from "node:assert/strict";
import fc from "fast-check";
import { HostTimedRelays, type RelayLine } from "../../../../core/devices/relays/host-timed.ts";
import { encodeLcus } from "../../../../core/devices/relays/lcus.ts";
import { MovedTime, settle } from "../moved-time.ts";

/** An LCUS board: does what whole frames say, keeps its state when the line goes, knows nothing of time. */
class Board {
  readonly on = new Set<number>();
  readonly log: string[] = [];

  take(bytes: Uint8Array): void {
    this.log.push(Buffer.from(bytes).toString("hex"));
    if (bytes[2] === 1) this.on.add(bytes[1]!);
    else this.on.delete(bytes[1]!);
  }
}

type Fate = "ok" | "refused" | "late-error" | "lost";

class Line implements RelayLine {
  fates: Fate[] = [];
  open = true;
  /** Told whenever the line did not do what it was told. */
  faulty: (fate: Fate) => void = () => undefined;
  readonly #board: Board;

  constructor(board: Board) {
    this.#board = board;
  }

  write(bytes: Uint8Array): Promise<void> {
    if (!this.open) return Promise.reject(new Error("gone"));
    const fate = this.fates.shift() ?? "ok";
    if (fate !== "ok") this.faulty(fate);
    if (fate === "ok" || fate === "late-error") this.#board.take(bytes);
    return fate === "refused" || fate === "late-error" ? Promise.reject(new Error(fate)) : Promise.resolve();
  }
}

const refreshMs = 10_000;
const retryMs = 250;
const driver = (time: MovedTime, channels = [1]): HostTimedRelays =>
  new HostTimedRelays({ encode: encodeLcus, channels, clock: time, timers: time, refreshMs });

describe("a relay that Limen must time itself", () => {
  it("is told OFF at the start, after the pulse, and at close", async () => {
    const [time, board] = [new MovedTime(), new Board()];
    const relays = driver(time);
    await relays.lineUp(new Line(board));
    await relays.pulse(1, 5000);
    assert.ok(board.on.has(1));
    await time.move(4999);
    assert.ok(board.on.has(1));
    await time.move(1);
    assert.deepEqual(board.log, ["a00100a1", "a00101a2", "a00100a1"]);
    await relays.pulse(1, 5000);
    await relays.close();
    assert.equal(board.log.at(-1), "a00100a1");
    assert.equal(time.pending, 0);
    await assert.rejects(relays.pulse(1, 100), { code: "relay-failed" });
  });

  it("is told OFF by the next who opens the line, and again while idle", async () => {
    const [time, board] = [new MovedTime(), new Board()];
    const first = driver(time);
    await first.lineUp(new Line(board));
    await first.pulse(1, 5000); // and then the process dies
    const next = driver(time);
    await next.lineUp(new Line(board));
    assert.ok(!board.on.has(1));
    board.log.length = 0;
    await time.move(refreshMs * 3);
    assert.ok(board.log.length >= 3);
    assert.ok(board.log.every((frame) => frame === "a00100a1"));
  });

  it("is not switched by a pulse that finds no line, and does not keep it for later", async () => {
    const [time, board] = [new MovedTime(), new Board()];
    const relays = driver(time);
    await assert.rejects(relays.pulse(1, 5000), { code: "relay-failed" });
    await relays.lineUp(new Line(board));
    await time.move(100);
    assert.deepEqual(board.log, ["a00100a1"]);
    for (const [channel, ms] of [
      [2, 5000],
      [1, 0],
      [1, Number.NaN],
    ] as const)
      await assert.rejects(relays.pulse(channel, ms), { code: "relay-failed" });
  });

  it("is told OFF when nobody knows whether ON arrived", async () => {
    const [time, board] = [new MovedTime(), new Board()];
    const relays = driver(time);
    const line = new Line(board);
    await relays.lineUp(line);
    line.fates = ["late-error"];
    await assert.rejects(relays.pulse(1, 5000), { code: "relay-failed" });
    assert.ok(!board.on.has(1));
  });

  it("is told OFF again soon when the line refuses one", async () => {
    const [time, board] = [new MovedTime(), new Board()];
    const relays = driver(time);
    const line = new Line(board);
    await relays.lineUp(line);
    await relays.pulse(1, 1000);
    line.fates = ["refused", "refused"];
    await time.move(1000);
    assert.ok(board.on.has(1));
    await time.move(500);
    assert.ok(!board.on.has(1));
  });

  it("does not switch on late behind a stalled line", async () => {
    const [time, board] = [new MovedTime(), new Board()];
    const relays = driver(time, [1, 2]);
    const held: (() => void)[] = [];
    const stalled: RelayLine = {
      write: (bytes) =>
        new Promise((resolve) => {
          held.push(() => {
            board.take(bytes);
            resolve();
          });
        }),
    };
    const up = relays.lineUp(stalled);
    const pulse = assert.rejects(relays.pulse(1, 5000), { code: "relay-failed" });
    await time.move(60_000);
    await pulse;
    for (let round = 0; round < 20; round++) {
      for (const release of held.splice(0)) release();
      await settle();
    }
    await up;
    assert.ok(board.log.every((frame) => frame.slice(4, 6) === "00"));
  });

  it("ends at the later of two ends, and never later than a minute from the last", async () => {
    const [time, board] = [new MovedTime(), new Board()];
    const relays = driver(time);
    await relays.lineUp(new Line(board));
    await relays.pulse(1, 5000);
    await time.move(3000);
    await relays.pulse(1, 5000);
    await time.move(4999);
    assert.ok(board.on.has(1));
    await time.move(1);
    assert.ok(!board.on.has(1));
    await relays.pulse(1, 3_600_000);
    await time.move(60_000);
    assert.ok(!board.on.has(1));
  });

  it("goes on for whoever was let in first when the next opening fails", async () => {
    const [time, board] = [new MovedTime(), new Board()];
    const relays = driver(time);
    const line = new Line(board);
    await relays.lineUp(line);
    await relays.pulse(1, 15_000);
    await time.move(1000);
    line.fates = ["refused"];
    await assert.rejects(relays.pulse(1, 60_000), { code: "relay-failed" });
    await time.move(13_999);
    assert.ok(board.on.has(1)); // nobody's OFF ended it
    await time.move(1);
    assert.ok(!board.on.has(1)); // and what failed did not make it longer
  });

  it("is never told OFF while fire holds it: not by a line that comes, a pulse's end, a close, the next process", async () => {
    const [time, board] = [new MovedTime(), new Board()];
    const relays = driver(time, [1, 2]);
    await relays.lineUp(new Line(board));
    await relays.pulse(1, 1000);
    await relays.hold(1);
    board.log.length = 0;
    await time.move(refreshMs + 1000); // the pulse ends, the refresh comes
    relays.lineDown();
    await relays.lineUp(new Line(board));
    await relays.off(1);
    await relays.close();
    const next = new HostTimedRelays({
      ...{ encode: encodeLcus, channels: [1, 2], clock: time, timers: time, refreshMs },
      held: [1],
    });
    await next.lineUp(new Line(board));
    assert.deepEqual(
      board.log.filter((frame) => frame.startsWith("a00100")),
      [],
    );
    assert.ok(board.on.has(1) && !board.on.has(2));
    await next.pulse(1, 1000);
    await next.free(1); // reset: whoever comes in just now still does
    assert.ok(board.on.has(1));
    await time.move(1000);
    assert.ok(!board.on.has(1));
  });

  it("is held by fire as soon as its line is there", async () => {
    const [time, board] = [new MovedTime(), new Board()];
    const relays = driver(time);
    await assert.rejects(relays.hold(1), { code: "relay-failed" });
    const line = new Line(board);
    line.fates = ["refused"];
    await relays.lineUp(line);
    await time.move(250);
    assert.ok(board.on.has(1));
    await relays.free(1);
    assert.ok(!board.on.has(1));
  });

  it("leaves the other relays of the board alone", async () => {
    const [time, board] = [new MovedTime(), new Board()];
    const relays = driver(time, [1, 2]);
    await relays.lineUp(new Line(board));
    await relays.pulse(1, 30_000);
    await relays.pulse(2, 1000);
    await time.move(15_000);
    assert.deepEqual([...board.on], [1]);
    await relays.off(1);
    assert.equal(board.on.size, 0);
  });

  type Step =
    | { do: "pulse"; channel: number; ms: number; fates: Fate[] }
    | { do: "wait"; ms: number; fates: Fate[] }
    | { do: "unplug" | "plug" | "crash" | "stop" | "start" };

  const fates = fc.array(fc.constantFrom<Fate>("ok", "ok", "ok", "refused", "late-error", "lost"), {
    maxLength: 3,
  });
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("pulse" as const),
        channel: fc.constantFrom(1, 2),
        ms: fc.integer({ min: 100, max: 90_000 }),
        fates,
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("wait" as const),
        ms: fc.integer({ min: 1, max: 40_000 }),
        fates,
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constantFrom(
          "unplug" as const,
          "plug" as const,
          "crash" as const,
          "stop" as const,
          "start" as const,
        ),
      }),
    },
  );

  it("is never on past its time while software can reach it, whatever happens in whatever order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: "max" }), async (steps) => {
        const [time, board] = [new MovedTime(), new Board()];
        let relays: HostTimedRelays | undefined = driver(time, [1, 2]);
        /** When each relay's permission ends, and by when what the line did not do is made good. */
        const allowed = new Map<number, number>();
        let reachable = 0;
        const newLine = (): Line =>
          Object.assign(new Line(board), {
            // an OFF that the line refused is said again soon; one that it lost, with the refresh
            faulty: (fate: Fate) => {
              reachable = Math.max(reachable, time.monotonic() + (fate === "lost" ? refreshMs : retryMs));
            },
          });
        let line: Line | undefined = newLine();
        await relays.lineUp(line);
        const plug = async () => {
          line = newLine();
          await relays?.lineUp(line);
        };
        const unplug = () => {
          if (line) line.open = false;
          line = undefined;
          relays?.lineDown();
        };
        const check = () => {
          if (!relays || !line) return;
          for (const channel of board.on) {
            const end = Math.max(allowed.get(channel) ?? 0, reachable);
            assert.ok(time.monotonic() <= end, `relay ${channel} is on past its time`);
          }
        };
        for (const one of steps) {
          switch (one.do) {
            case "pulse": {
              if (line) line.fates = [...one.fates];
              const end = time.monotonic() + Math.min(one.ms, 60_000);
              const before = allowed.get(one.channel) ?? 0;
              allowed.set(one.channel, Math.max(end, before));
              const done = await relays?.pulse(one.channel, one.ms).then(
                () => true,
                () => false,
              );
              if (!done) allowed.set(one.channel, before); // whoever was let in before still is
              if (line) line.fates = [];
              break;
            }
            case "wait":
              if (line) line.fates = [...one.fates];
              for (let left = one.ms; left > 0; left -= 1000) {
                await time.move(Math.min(left, 1000));
                check();
              }
              if (line) line.fates = [];
              break;
            case "unplug":
              unplug();
              break;
            case "plug":
              unplug();
              await plug();
              if (relays) assert.equal(board.on.size, 0, "a line that comes up starts with OFF");
              break;
            case "crash":
              relays?.lineDown();
              relays = undefined; // timers of the dead are gone with it: lineDown only stands for that
              break;
            case "stop":
              await relays?.close();
              if (relays && line) assert.equal(board.on.size, 0, "closing says OFF");
              relays = undefined;
              break;
            case "start":
              relays?.lineDown();
              relays = driver(time, [1, 2]);
              if (line) await plug();
              if (line) assert.equal(board.on.size, 0, "starting says OFF");
              break;
          }
          check();
        }
      }),
      { numRuns: 300 },
    );
  });
});
