import assert from "node:assert/strict";
import { unrecorded } from "../core/faces/unrecorded.ts";
import { type HandClock, handClock } from "../core/hand-clock.ts";
import { estate, openRig, type Rig, tokenFor } from "./rig.ts";

describe("a face in Illinois that nobody used for three years", () => {
  let rig: Rig;
  let clock: HandClock;
  beforeEach(async () => {
    clock = handClock();
    rig = await openRig({ clock });
  });
  afterEach(() => rig.close());

  const site = (pack: "cn" | "us-il") => ({ ...estate(), site: { ...estate().site, pack } });
  /** Somebody who agreed, with a template as an enrolment stores one. */
  const enrolled = async (): Promise<string> => {
    const auth = await tokenFor(rig);
    const { id: person } = await rig.client.call("person.create", { auth, name: "Lee" });
    const { id: notice } = await rig.client.call("notice.current", {
      method: "face",
      door: "unit-1",
      language: "en-US",
    });
    await rig.client.call("consent.give", {
      auth,
      person,
      purpose: "door-entry",
      method: "face",
      doors: ["unit-1"],
      notice,
      language: "en-US",
      givenBy: "self",
      channel: "desk",
    });
    const embedder = { id: "test", sha256: "0".repeat(64), dimensions: 4 } as never;
    const vectors = [new Float32Array([1, 0, 0, 0])];
    rig.vault.services.templates.put({ person, vectors, embedder, epoch: 1 }, unrecorded);
    return person;
  };

  for (const [pack, gone] of [
    ["us-il", true],
    ["cn", false],
  ] as const)
    it(`${gone ? "is erased, with a receipt" : "stays under a law that names no such time"} (${pack})`, async () => {
      await rig.client.call("configure", site(pack));
      const person = await enrolled();
      await rig.client.call("configure", site(pack));
      clock.pass(3 * 366 * 86_400_000);
      await rig.restart();
      await rig.client.call("configure", site(pack));
      const { erasures } = rig.vault.services;
      assert.equal(rig.vault.services.templates.has(person), !gone);
      assert.equal(erasures.of(person).length, gone ? 1 : 0);
      if (!gone) return;
      const auth = await tokenFor(rig);
      const { consents } = await rig.client.call("consent.list", { auth, person, purpose: "rights-request" });
      assert.equal(consents[0]?.state, "given", "they may enrol again whenever they like");
    });
});
