import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import type { Gallery } from "../../../core/faces/gallery.ts";
import { rowsStart } from "../../../core/faces/search.ts";
import type { FaceEngine, Frame } from "../../../core/faces/types.ts";
import { arriving, moving, needs, newEngine, picture, setOf, settings } from "./data.ts";
import { stream } from "./vectors.ts";

/** Acts, about half of them with a kill in the middle: some hundred with LIMEN_KILLS=100. */
const acts = 2 * Number(process.env.LIMEN_KILLS ?? 8);
const seed = Number(process.env.LIMEN_SEED ?? 113);
/** A worker with its models is about 90 MB: half of that for each killed one would be a leak. */
const leakBytes = 45e6;

const resident = {
  enrol: ["102_1.jpg", "102_6.jpg", "102_7.jpg"].map((name) => `asian/ChinaTarget_102/${name}`),
  probe: "asian/ChinaTarget_102/102_12.jpg",
};
const stranger = "deepface/img1.jpg";
/** Living frames that have to agree before anything opens (decision 91). */
const living = 3;

describe("workers killed at random", function () {
  this.timeout(120_000 + 10_000 * acts);
  let engine: FaceEngine & { killWorker(): void };
  let known: Buffer[];
  let unknown: Buffer[];
  let spoof: Buffer;

  before(async function () {
    needs(this, "models", "faces");
    engine = await newEngine();
    engine.gallery.put("template", "person", (await engine.enrol(resident.enrol.map(picture))).vectors);
    [known, unknown] = [await moving(resident.probe, 5), await moving(stranger, 5)];
    for (const { file } of setOf("liveness").filter((one) => one.file.startsWith("liveness/spoof/"))) {
      const { code, liveness } = await engine.analyse(picture(file), { liveness: true });
      if (code || liveness!.live) continue;
      spoof = picture(file);
      break;
    }
    assert.ok(spoof);
  });
  after(() => engine?.close());

  const until = async (what: () => boolean) => {
    while (!what()) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const idle = () => until(() => engine.ready);
  const gone = (lost: number) => until(() => engine.counts.workersLost > lost);

  /** These frames, the worker killed before one of them is given, or while it is with one. */
  async function* killed(
    frames: readonly Buffer[],
    at: number,
    when: "before" | "during" | "never",
  ): AsyncGenerator<Frame> {
    let i = 0;
    for await (const frame of arriving(frames)) {
      const lost = engine.counts.workersLost;
      if (i === at && when === "before") {
        engine.killWorker();
        await gone(lost);
      }
      // handed over within this turn of the loop; by the next the worker has it
      if (i === at && when === "during") setImmediate(() => engine.killWorker());
      yield frame;
      i++;
    }
  }

  it("fail what they were at with its own code, and the next act works", async () => {
    const next = stream(seed);
    const pick = <T>(some: readonly T[]): T => some[Math.floor(next() * some.length)]!;
    const tasks = () => (process.platform === "linux" ? readdirSync("/proc/self/task").length : 0);
    const slots = () => new Uint8Array((engine.gallery as Gallery).memory.buffer, 0, rowsStart);
    const { rows } = engine.gallery;
    await idle();
    const [threadsBefore, bytesBefore] = [tasks(), process.memoryUsage().rss];
    let kills = 0;
    for (let act = 0; act < acts; act++) {
      await idle();
      const what = `seed ${seed}, act ${act}`;
      const lost = engine.counts.workersLost;
      const when = pick(["before", "during", "never"] as const);
      const kind = pick(["resident", "stranger", "too few", "spoof", "enrolment"] as const);
      if (when !== "never") kills++;
      if (kind === "enrolment") {
        const frames = resident.enrol.map(picture);
        const enrolling = engine.enrol(frames);
        if (when !== "never") setImmediate(() => engine.killWorker());
        if (when === "never") assert.equal((await enrolling).used, 3, what);
        else await assert.rejects(enrolling, { code: "worker-lost" }, what);
        assert.ok(
          frames.every((frame) => frame.every((byte) => byte === 0)),
          `${what}: no picture is left`,
        );
        assert.equal(engine.gallery.rows, rows, `${what}: nobody is half enrolled`);
      } else {
        const frames = {
          resident: known,
          stranger: unknown,
          "too few": known.slice(0, living - 1),
          spoof: [known[0]!, spoof, ...known.slice(1)],
        }[kind];
        // a kill with the last frame that is needed would come too late to interrupt anything
        const at = kind === "spoof" || kind === "too few" ? 0 : Math.floor(next() * (living - 1));
        const request = {
          frames: killed(frames, at, when),
          allowed: () => true,
          mode: "1:N",
          settings,
        } as const;
        const { code, person, evidence } = await engine.look(request);
        const undisturbed = {
          resident: "granted",
          stranger: "no-match",
          "too few": "no-match",
          spoof: "not-live",
        };
        assert.equal(code, when === "never" ? undisturbed[kind] : "worker-lost", `${what}: ${kind} ${when}`);
        assert.equal(person, code === "granted" ? "person" : undefined, what);
        if (code === "granted") assert.ok(evidence.agreeing! >= living, `${what}: k living frames agree`);
      }
      if (when !== "never") await gone(lost);
      assert.equal(
        engine.counts.workersLost,
        lost + (when === "never" ? 0 : 1),
        `${what}: one kill, one worker`,
      );
      await idle();
      assert.ok(
        slots().every((byte) => byte === 0),
        `${what}: no probe is left in the shared memory`,
      );
      if (when === "never") continue;
      const again = { frames: arriving(known), allowed: () => true, mode: "1:N", settings } as const;
      assert.equal((await engine.look(again)).code, "granted", `${what}: the next one works`);
    }
    assert.ok(kills >= acts / 4 && kills < acts, `${kills} kills in ${acts} acts`);
    await until(() => tasks() <= threadsBefore);
    globalThis.gc?.();
    const grown = process.memoryUsage().rss - bytesBefore;
    assert.ok(grown < kills * leakBytes, `${Math.round(grown / 1e6)} MB more after ${kills} kills`);
  });
});
