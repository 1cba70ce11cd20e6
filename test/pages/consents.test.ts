import assert from "node:assert/strict";
import { type Consent, standingOf } from "../../pages/shared/consents.ts";

const notices = [
  { id: "many", version: "1.0", text: "", doors: ["gate", "garage"] },
  { id: "one", version: "2.0", text: "", doors: ["unit-1", "unit-2"] },
];
const consent = (state: string, ...doors: string[]): Consent => ({
  id: `${state} ${doors.join(" ")}`,
  state,
  since: "2026-11-24T08:00:00Z",
  doors,
  given_by: "self",
});
const offered = (...consents: Consent[]) =>
  standingOf({ consents }, notices, undefined).offers.map(({ notice, doors }) => [notice.id, ...doors]);

describe("what somebody may be asked", () => {
  it("is each notice by itself, for one's own doors that are not agreed to yet", () => {
    assert.deepEqual(offered(), [
      ["many", "gate", "garage"],
      ["one", "unit-1", "unit-2"],
    ]);
    assert.deepEqual(offered(consent("given", "gate"), consent("given", "unit-1", "unit-2")), [
      ["many", "garage"],
    ]);
    const own = standingOf({ consents: [] }, notices, ["gate", "unit-2"]).offers;
    assert.deepEqual(
      own.map(({ doors }) => doors),
      [["gate"], ["unit-2"]],
    );
    assert.deepEqual(standingOf({ consents: [] }, notices, ["pool"]).offers, []);
  });

  it("is asked of who said nothing, and anew where the notice changed", () => {
    assert.equal(standingOf({ consents: [] }, notices, undefined).quiet, undefined);
    const rests = standingOf(
      { consents: [consent("suspended", "gate"), consent("given", "unit-1")] },
      notices,
      undefined,
    );
    assert.equal(rests.quiet, undefined);
    assert.equal(rests.live.length, 2);
    assert.equal(
      standingOf({ consents: [consent("refused")] }, notices, undefined).quiet,
      undefined,
      "a year ago",
    );
  });

  it("is not asked after a no, a withdrawal, or a yes to some doors", () => {
    const until = "2027-11-24T08:00:00Z";
    const no = standingOf({ consents: [consent("refused")], ask_from: until }, notices, undefined);
    assert.deepEqual([no.quiet, no.refused], ["refused", { since: "2026-11-24T08:00:00Z", until }]);
    assert.equal(no.offers.length, 2, "they may start themselves");
    const quiet = (...consents: Consent[]) => standingOf({ consents }, notices, undefined).quiet;
    assert.equal(quiet(consent("withdrawn", "gate")), "withdrawn");
    assert.equal(quiet(consent("given", "gate")), "more");
    assert.equal(quiet(consent("withdrawn", "gate"), consent("given", "garage")), "more");
  });
});
