import assert from "node:assert/strict";
import { systemClock } from "../../core/clock.ts";
import { CameraRoom } from "../../vault/cameras.ts";

const shot = (n: number): Buffer => Buffer.concat([Buffer.from([0xff, 0xd8, n]), Buffer.alloc(100, n)]);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a camera that an enrolment and a look want at once", () => {
  let room: CameraRoom;
  let told: boolean[];
  beforeEach(() => {
    told = [];
    room = new CameraRoom({ clock: systemClock, onLook: (_, running) => void told.push(running) });
    room.configure([{ id: "cam", door: "gate", kind: "screen", maxAgeMs: 2000 }]);
  });
  afterEach(() => room.close());

  const read = (what: "look" | "enrolment") => {
    const end = new AbortController();
    const got: number[] = [];
    const over = (async () => {
      for await (const { jpeg } of room.frames("cam", end.signal, what)) got.push(jpeg[2]!);
    })();
    over.catch(() => undefined);
    return { got, over, end: () => end.abort() };
  };

  it("ends the enrolment and gives every picture to the look: whoever stands at the door comes first", async () => {
    const enrolment = read("enrolment");
    await turn();
    room.push("cam", shot(1));
    await turn();
    const look = read("look");
    await assert.rejects(enrolment.over, { code: "face-busy" });
    assert.equal(told.includes(false), false, "the screen goes on sending");
    room.push("cam", shot(2));
    await turn();
    look.end();
    await look.over;
    assert.deepEqual([enrolment.got, look.got], [[1], [2]]);
    assert.equal(told.at(-1), false);
  });

  it("begins no enrolment during a look, nor two at once", async () => {
    const look = read("look");
    await assert.rejects(read("enrolment").over, { code: "face-busy" });
    look.end();
    await look.over;
    const enrolment = read("enrolment");
    await assert.rejects(read("enrolment").over, { code: "face-busy" });
    enrolment.end();
    await enrolment.over;
  });
});
