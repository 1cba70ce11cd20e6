import assert from "node:assert/strict";
import { thresholdsChanged, wantsFresh } from "../../../nodes/host/fresh-thresholds.ts";
import type { Deploy, Gate } from "../../../nodes/plugins/flow-gate.ts";

const look = { id: "look", type: "face-match", risk: 0.0001, frames: 5, agreeing: 2, mode: "1:N" };
const site = { id: "site", type: "limen-site", languages: ["en-US"] };

describe("how strictly faces are compared", () => {
  it("is told from everything else in a flow", () => {
    assert.equal(thresholdsChanged([site, look], [site, { ...look, x: 10, name: "North" }]), false);
    assert.equal(thresholdsChanged([site, look], [site]), false);
    for (const change of [
      { risk: 0.01 },
      { agreeing: 3 },
      { frames: 2 },
      { mode: "1:1" },
      { challenge: "turn" },
      { id: "new" },
    ])
      assert.equal(
        thresholdsChanged([site, look], [site, { ...look, ...change }]),
        true,
        JSON.stringify(change),
      );
    assert.equal(thresholdsChanged([], [site, look]), true);
  });

  const user = { username: "Chen" };
  const asked: string[] = [];
  const gate = (fresh: boolean, kind: "session" | "token" | undefined, admitted: () => void): Gate =>
    wantsFresh(
      {
        lint: () => [],
        onLoaded: () => undefined,
        onRefused: () => undefined,
        onSaved: () => undefined,
        admit: async () => admitted(),
      },
      {
        vault: () => ({
          call: (verb: string) => {
            asked.push(verb);
            return Promise.resolve({ fresh }) as never;
          },
        }),
        whoIs: () => kind && { auth: "a".repeat(30), kind },
      },
    );
  const deploy = (after: object[]): Deploy => ({ before: [site, look], flow: after, user });
  const loosened = deploy([site, { ...look, risk: 0.01 }]);

  it("is changed only by whoever just proved who they are, in words that say what to do", async () => {
    let admitted = 0;
    const count = () => {
      admitted += 1;
    };
    await assert.rejects(gate(false, "session", count).admit!(loosened), {
      code: "fresh-sign-in-needed",
      status: 403,
      message: /\/account/,
    });
    assert.equal(admitted, 0);
    await gate(true, "session", count).admit!(loosened);
    await gate(false, "token", count).admit!(loosened);
    await gate(false, undefined, count).admit!(loosened);
    asked.length = 0;
    await gate(false, "session", count).admit!(deploy([site, { ...look, x: 7 }]));
    assert.equal(admitted, 4);
    assert.deepEqual(asked, [], "nobody is asked for what does not concern it");
  });
});
