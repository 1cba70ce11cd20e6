import assert from "node:assert/strict";
import fc from "fast-check";
import { type FrameOutcome, LookDecision, leastLiveFrames, leastSpanMs } from "../../../core/faces/look.ts";

const threshold = 0.5;
const options = { threshold, frames: 5, agreeing: 2 };
const seen = (person: string, score: number, runnerUp?: number): FrameOutcome & { kind: "compared" } => ({
  kind: "compared",
  at: 0,
  liveness: 0.9,
  quality: 0.8,
  person,
  template: `template of ${person}`,
  score,
  ...(runnerUp === undefined ? {} : { runnerUp }),
});
const spoof: FrameOutcome = { kind: "spoof", cue: "model", liveness: 0.1, quality: 0.8 };
/** As from a camera: one frame after another, ten a second unless told. */
const inTime = <F extends FrameOutcome>(outcomes: readonly F[], apartMs = 100): F[] =>
  outcomes.map((outcome, i) =>
    outcome.kind === "compared" ? { ...outcome, at: 1000 + i * apartMs } : outcome,
  );
const decide = (
  outcomes: readonly FrameOutcome[],
  { apartMs = 100, ...more } = {} as Record<string, number>,
) => {
  const decision = new LookDecision({ ...options, ...more });
  for (const outcome of inTime(outcomes, apartMs)) decision.take(outcome);
  return decision.end();
};

describe("the decision over frames", () => {
  it("needs as many frames to agree as it was told", () => {
    assert.equal(decide([seen("a", 0.7)]).code, "no-match");
    assert.deepEqual(decide([seen("a", 0.7), seen("a", 0.6), seen("a", 0.1)]), {
      code: "granted",
      person: "a",
      template: "template of a",
    });
    assert.equal(decide([seen("a", 0.7), seen("a", 0.6), seen("a", 0.1)], { agreeing: 3 }).code, "no-match");
  });

  it("lets nobody in before it has seen a living face for three frames and a while", () => {
    const sure = seen("a", 0.9);
    assert.equal(decide([sure, sure]).code, "camera-silent", "two agree, and the camera gave no more");
    assert.equal(decide([sure, sure, { kind: "same" }]).code, "camera-frozen");
    assert.equal(decide([sure, sure, { kind: "poor", code: "face-turned" }]).code, "face-turned");
    assert.equal(decide([sure, sure, sure]).code, "granted");
    assert.equal(decide([sure, sure, spoof, sure]).code, "not-live", "the third frame is looked at first");
    assert.equal(decide([sure, sure, sure], { apartMs: 30 }).code, "camera-silent");
    const quick = new LookDecision(options);
    const until = inTime(new Array(20).fill(sure), 30).findIndex((frame) => quick.take(frame) !== undefined);
    assert.equal(
      quick.end().code,
      "granted",
      "a quicker camera is looked at more often, also beyond its frames",
    );
    assert.equal(until, 5);
  });

  it("takes exactly the threshold, and nothing below", () => {
    assert.equal(decide([seen("a", 0.5), seen("a", 0.5), seen("a", 0.5)]).code, "granted");
    assert.equal(decide([seen("a", 0.4999), seen("a", 0.4999), seen("a", 0.4999)]).code, "no-match");
  });

  it("lets a weaker frame count while the mean of all agreeing ones reaches the threshold", () => {
    const other = seen("z", 0.1);
    assert.equal(decide([seen("a", 0.45), seen("a", 0.6), other]).code, "granted");
    assert.equal(decide([seen("a", 0.45), seen("a", 0.54), other]).code, "no-match");
    assert.equal(decide([seen("a", 0.39), seen("a", 0.9), other]).code, "no-match");
    assert.equal(decide([seen("b", 0.45), seen("a", 0.6), seen("a", 0.6)]).code, "no-match");
  });

  it("wants a margin to the next other person", () => {
    const other = seen("z", 0.1);
    assert.equal(decide([seen("a", 0.7, 0.65), seen("a", 0.7, 0.65), other]).code, "no-clear-match");
    assert.equal(decide([seen("a", 0.7, 0.63), seen("a", 0.7, 0.63), other]).code, "granted");
  });

  it("ends when two people are recognised in one look", () => {
    assert.equal(decide([seen("a", 0.7), seen("b", 0.7), seen("a", 0.7)]).code, "no-clear-match");
  });

  it("stops after its frames, and poor or repeated ones do not count", () => {
    const stranger = seen("a", 0.2);
    const decision = new LookDecision(options);
    for (let i = 0; i < 4; i++) assert.equal(decision.take(stranger), undefined);
    assert.equal(decision.take({ kind: "poor", code: "face-blurred" }), undefined);
    assert.equal(decision.take({ kind: "same" }), undefined);
    assert.equal(decision.take(stranger)?.code, "no-match");
    assert.equal(decision.evidence().frames, 5);
  });

  it("says what was last wrong when no frame was usable", () => {
    assert.equal(decide([]).code, "camera-silent");
    assert.equal(decide([{ kind: "stale" }, { kind: "stale" }]).code, "camera-silent");
    assert.equal(
      decide([
        { kind: "poor", code: "no-face" },
        { kind: "poor", code: "face-turned" },
      ]).code,
      "face-turned",
    );
    assert.equal(decide([seen("a", 0.9), { kind: "same" }, { kind: "same" }]).code, "camera-frozen");
    const poor: FrameOutcome = { kind: "poor", code: "no-face" };
    assert.equal(decide([poor, { kind: "same" }]).code, "camera-frozen");
    assert.equal(decide([poor, poor, { kind: "same" }]).code, "no-face", "it moves, but nobody is there");
  });

  it("never opens after a frame that was not live, whatever came before or after it", () => {
    const outcome = fc.oneof(
      fc
        .constantFrom("a", "b")
        .chain((person) => fc.double({ min: 0, max: 1, noNaN: true }).map((s) => seen(person, s))),
      fc.constant<FrameOutcome>({ kind: "same" }),
      fc.constant<FrameOutcome>({ kind: "stale" }),
      fc.constant<FrameOutcome>({ kind: "poor", code: "face-blurred" }),
    );
    fc.assert(
      fc.property(
        fc.array(outcome, { maxLength: 8 }),
        fc.array(outcome, { maxLength: 8 }),
        (before, after) => {
          const decision = new LookDecision(options);
          let over: string | undefined;
          for (const one of before) over = decision.take(one)?.code;
          if (over !== undefined) return;
          assert.equal(decision.take(spoof)?.code, "not-live");
          for (const one of after) assert.equal(decision.take(one)?.code, "not-live");
          assert.equal(decision.end().code, "not-live");
        },
      ),
    );
  });

  it("grants only what enough frames support", () => {
    const frame = fc.record({
      person: fc.constantFrom("a", "b", "c"),
      score: fc.double({ min: 0, max: 1, noNaN: true }),
      gap: fc.double({ min: 0, max: 0.3, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 10 }), fc.integer({ min: 1, max: 4 }), (frames, agreeing) => {
        const decision = new LookDecision({ ...options, agreeing });
        const outcomes = inTime(frames.map(({ person, score, gap }) => seen(person, score, score - gap)));
        const until = outcomes.findIndex((outcome) => decision.take(outcome) !== undefined);
        const verdict = decision.end();
        if (verdict.code !== "granted") return;
        const support = frames
          .slice(0, until + 1)
          .filter(({ score, gap }) => score >= threshold - 0.1 && score - (score - gap) >= 0.06);
        assert.ok(support.every(({ person }) => person === verdict.person));
        assert.ok(support.length >= agreeing);
        assert.ok(until + 1 >= leastLiveFrames);
        assert.ok(outcomes[until]!.at - outcomes[0]!.at >= leastSpanMs);
        const mean = support.reduce((sum, { score }) => sum + score, 0) / support.length;
        assert.ok(mean >= threshold - 1e-9);
      }),
    );
  });
});
