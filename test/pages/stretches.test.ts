import assert from "node:assert/strict";
import { shownEnd, storedEnd, usualStretch } from "../../pages/widgets/stretches.ts";

describe("hours of a card in a form", () => {
  it("come back as they were, also until midnight: a browser's field knows no 24:00", () => {
    for (const to of ["18:00", "24:00", "06:30", "23:59"]) assert.equal(storedEnd(shownEnd(to)), to);
    assert.equal(shownEnd("24:00"), "00:00");
    assert.equal(storedEnd("00:00"), "24:00", "until midnight ends the same day");
  });

  it("begin with the days of work", () => {
    assert.deepEqual(usualStretch.days, ["mon", "tue", "wed", "thu", "fri"]);
  });
});
