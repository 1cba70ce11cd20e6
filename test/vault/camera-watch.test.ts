import assert from "node:assert/strict";
import type { CameraState } from "../../core/faces/cameras/index.ts";
import { CameraWatch } from "../../vault/camera-watch.ts";
import { handClock } from "../core/hand-clock.ts";

describe("the watch over cameras", () => {
  const clock = handClock();
  let state: CameraState = "live";
  let problem: string | undefined;
  let there = true;
  const told: string[] = [];
  const watch = new CameraWatch({
    clock,
    cameras: {
      states: () => (there ? [{ id: "cam", state, ...(problem === undefined ? {} : { problem }) }] : []),
    },
    tell: (camera, kind, detail) => void told.push(`${camera}: ${kind} (${detail})`),
  });
  const pass = (seconds: number): string[] => {
    for (let i = 0; i < seconds; i++) {
      clock.pass(1000);
      watch.look();
    }
    return told.splice(0);
  };

  it("tells once that a camera went silent or stands still, and once that it is back", () => {
    assert.deepEqual(pass(10), []);
    state = "silent";
    assert.deepEqual(pass(3), [], "it is being begun anew");
    assert.deepEqual(pass(20), ["cam: camera-silent (cam silent)"]);
    state = "live";
    assert.deepEqual(pass(5), ["cam: camera-back (cam)"]);
    state = "frozen";
    assert.deepEqual(pass(20), ["cam: camera-silent (cam frozen)"]);
  });

  it("does not call a camera back that nobody has asked since", () => {
    state = "idle";
    problem = "camera-unreachable";
    assert.deepEqual(pass(60), []);
    problem = undefined;
    assert.deepEqual(pass(2), ["cam: camera-back (cam)"]);
  });

  it("forgets cameras that the flow no longer has", () => {
    state = "silent";
    pass(10);
    there = false;
    pass(2);
    there = true;
    state = "live";
    assert.deepEqual(pass(5), []);
  });
});
