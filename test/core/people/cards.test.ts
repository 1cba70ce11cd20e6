import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseNotation } from "../../../core/devices/cards/notation.ts";
import { truncateWal } from "../../../core/store/database.ts";
import { handClock } from "../hand-clock.ts";
import { openPeople } from "./site.ts";

describe("cards", () => {
  const clock = handClock();
  let site: ReturnType<typeof openPeople>;
  let person: string;
  beforeEach(() => {
    site = openPeople(clock);
    person = site.persons.create({ name: "Resident" });
  });
  afterEach(() => site.remove());

  const issue = (notation: string, number: string, more = {}) =>
    site.credentials.issueCard({ person, notation, number, ...parseNotation(notation, number), ...more });
  const find = (notation: string, number: string) =>
    site.credentials.findCard(parseNotation(notation, number));

  it("finds a card by every notation that shares its bits", () => {
    const { id, assurance } = issue("10H", "01026F6C3A");
    assert.equal(assurance, "clonable");
    for (const [notation, number] of [
      ["10H", "01026F6C3A"],
      ["10H13D", "0004335823930"],
      ["8H10D", "0040856634"],
      ["6H8D", "07302202"],
      ["WG26", "111,27706"],
      ["4H4H", "00623,27706"],
    ] as const) {
      const found = find(notation, number);
      assert.ok("credential" in found && found.credential === id, notation);
    }
    assert.deepEqual(find("10H", "02026F6C3A"), { code: "no-such-credential" });
  });

  it("matches a reader that gives more bits than were known at issue, and only that card", () => {
    const { id } = issue("8H10D", "0040856634");
    const more = find("10H", "01026F6C3A");
    assert.ok("credential" in more && more.credential === id);
    assert.deepEqual(find("10H", "0102AF6C3A"), { code: "no-such-credential" });
  });

  it("refuses a number in use, and one a reader of fewer bits could not tell from it", () => {
    issue("10H", "01026F6C3A");
    assert.throws(() => issue("10H", "01026F6C3A"), { code: "card-taken", field: "/number" });
    assert.throws(() => issue("8H10D", "0040856634"), { code: "card-collides" });
    // same low 24 bits, different card
    assert.throws(
      () => issue("10H", "99996F6C3A"),
      (error: { code: string; params: object }) => {
        assert.equal(error.code, "card-collides");
        assert.deepEqual(error.params, { bits: 24 });
        return true;
      },
    );
    issue("10H", "01026F6C3B");
  });

  it("refuses a UID that the card makes up, but not a printed number that begins alike", () => {
    const made = { hex: "08A1B2C3", bits: 32 };
    assert.throws(
      () => site.credentials.issueCard({ person, notation: "UID", number: "08A1B2C3", ...made }),
      {
        code: "card-uid-random",
      },
    );
    site.credentials.issueCard({ person, notation: "8H10D", number: "0144814787", ...made });
  });

  it("names why a card is not taken, and hands its number on once it is blocked", () => {
    const first = issue("8H10D", "0040856634", { validUntil: "2026-11-24T00:00:00Z" });
    clock.pass(24 * 3600_000);
    assert.deepEqual(find("8H10D", "0040856634"), {
      code: "credential-expired",
      person,
      credential: first.id,
    });
    site.credentials.block(first.id, "lost");
    assert.equal((find("8H10D", "0040856634") as { code: string }).code, "credential-blocked");
    const second = issue("8H10D", "0040856634");
    const found = find("8H10D", "0040856634");
    assert.ok("credential" in found && found.credential === second.id && !("code" in found));
    assert.deepEqual(site.credentials.lastLoss(person), clock.now());
  });

  it("blocks even when the record cannot be written, and then says so", () => {
    const { id } = issue("8H10D", "0040856634");
    site.log.broken = true;
    assert.throws(() => site.credentials.block(id, "stolen"), /disk is full/);
    assert.equal(site.credentials.read(id).state, "blocked");
    assert.throws(() => issue("8H10D", "0040856635"));
    assert.equal(site.credentials.of(person).length, 1, "an issue that is not on the record did not happen");
  });

  it("does not take back the last other way in while a face is in use, but blocks a lost one", () => {
    const { id } = issue("8H10D", "0040856634");
    site.faces.add(person);
    assert.throws(() => site.credentials.block(id, "returned"), { code: "credential-last-way" });
    const second = issue("8H10D", "0040856635");
    site.credentials.block(id, "returned");
    site.credentials.block(second.id, "lost");
    assert.deepEqual(
      site.credentials.of(person).map(({ state }) => state),
      ["blocked", "blocked"],
    );
  });

  it("issues nothing to somebody who left", () => {
    site.persons.leave(person);
    assert.throws(() => issue("8H10D", "0040856634"), { code: "residency-ended" });
  });

  it("keeps no number and no unkeyed hash of one", async () => {
    const { createHash } = await import("node:crypto");
    issue("8H10D", "0040856634");
    truncateWal(site.db);
    const bytes = readFileSync(join(site.dir, "people.db"));
    const hex = "026F6C3A";
    for (const text of ["0040856634", "40856634", hex]) assert.ok(!bytes.includes(text), text);
    assert.ok(!bytes.includes(Buffer.from(hex, "hex")));
    for (const text of [hex, `card|32|${hex}`, Buffer.from(hex, "hex")]) {
      assert.ok(!bytes.includes(createHash("sha256").update(text).digest()));
    }
    assert.ok(!JSON.stringify(site.log.entries).includes("40856634"));
  });
});
