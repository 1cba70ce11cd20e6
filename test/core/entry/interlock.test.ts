import assert from "node:assert/strict";
import { Leaves } from "../../../core/entry/interlock.ts";
import { handClock } from "../hand-clock.ts";

const lock = ["outer", "inner"];

describe("an interlock", () => {
  const begin = () => {
    const clock = handClock();
    return { clock, leaves: new Leaves(clock) };
  };

  it("holds a door while another may be open, until its contact says that it shut", () => {
    const { clock, leaves } = begin();
    assert.deepEqual(leaves.holding("inner", lock), []);
    leaves.heard("outer", "closed", 5); // it has a contact
    leaves.heard("outer", "opened", 5);
    assert.deepEqual(leaves.holding("inner", lock), ["outer"]);
    assert.deepEqual(leaves.holding("outer", lock), []);
    clock.pass(60_000); // somebody stands in it
    assert.deepEqual(leaves.holding("inner", lock), ["outer"]);
    leaves.heard("outer", "closed", 5);
    assert.deepEqual(leaves.holding("inner", lock), []);
  });

  it("is over when nobody took the opening, and by time where a door has no contact", () => {
    const { clock, leaves } = begin();
    leaves.heard("outer", "opened", 5);
    clock.pass(5900);
    assert.deepEqual(leaves.holding("inner", lock), ["outer"]);
    clock.pass(200);
    assert.deepEqual(leaves.holding("inner", lock), []);
    leaves.heard("outer", "not-taken", 5);
    leaves.heard("outer", "opened", 5);
    leaves.heard("outer", "not-taken", 5);
    assert.deepEqual(leaves.holding("inner", lock), []);
  });

  it("never waits for a lost contact for ever, and always for a door that is known to stand open", () => {
    const { clock, leaves } = begin();
    leaves.heard("outer", "closed", 5);
    leaves.heard("outer", "opened", 5);
    clock.pass(5 * 60_000);
    assert.deepEqual(leaves.holding("inner", lock), []);
    for (const kind of ["forced", "held", "held-warning"]) {
      leaves.heard("outer", kind, 5);
      clock.pass(3_600_000);
      assert.deepEqual(leaves.holding("inner", lock), ["outer"], kind);
      leaves.heard("outer", "closed", 5);
    }
  });

  it("goes by what a contact says, from the start and however long the door stands open", () => {
    const { clock, leaves } = begin();
    leaves.stands("outer", true); // it stood open when the vault started
    clock.pass(3_600_000);
    assert.deepEqual(leaves.holding("inner", lock), ["outer"]);
    leaves.stands("outer", false);
    assert.deepEqual(leaves.holding("inner", lock), []);
    leaves.heard("outer", "opened", 5);
    leaves.stands("outer", false); // told again, as after a deploy: the lock is released all the same
    assert.deepEqual(leaves.holding("inner", lock), ["outer"]);
    clock.pass(6001);
    assert.deepEqual(leaves.holding("inner", lock), []); // nobody opened: nothing has to be guessed
    leaves.heard("outer", "opened", 5);
    leaves.stands("outer", true);
    clock.pass(6 * 60_000);
    assert.deepEqual(leaves.holding("inner", lock), ["outer"]);
  });

  it("is not held for ever by a contact that another flow has no more", () => {
    const { clock, leaves } = begin();
    leaves.stands("outer", true);
    leaves.anew();
    assert.deepEqual(leaves.holding("inner", lock), ["outer"]); // its contact has a moment to say so again
    clock.pass(10_000);
    assert.deepEqual(leaves.holding("inner", lock), []);
  });

  it("holds from the promise of a ticket, and for those who leave", () => {
    const { clock, leaves } = begin();
    leaves.promised("outer");
    assert.deepEqual(leaves.holding("inner", lock), ["outer"]);
    clock.pass(5000);
    assert.deepEqual(leaves.holding("inner", lock), []);
    leaves.heard("outer", "exit", 3);
    assert.deepEqual(leaves.holding("inner", lock), ["outer"]);
    clock.pass(4000);
    assert.deepEqual(leaves.holding("inner", lock), []);
  });

  it("yields to fire at either door, and holds again after the reset", () => {
    const { leaves } = begin();
    leaves.heard("outer", "forced", 5);
    leaves.heard("inner", "fire", 5);
    assert.deepEqual(leaves.holding("inner", lock), []);
    leaves.heard("inner", "fire-reset", 5);
    assert.deepEqual(leaves.holding("inner", lock), ["outer"]);
    leaves.heard("outer", "fire", 5);
    assert.deepEqual(leaves.holding("inner", lock), []);
  });
});
