import assert from "node:assert/strict";
import { parseVkey } from "../../../core/audit/note.ts";
import { verifyProofFile } from "../../../core/audit/proof-file.ts";
import { verifyReceipt } from "../../../core/consent/index.ts";
import { exportPerson } from "../../../core/retention/index.ts";
import { handClock } from "../hand-clock.ts";
import { noticeFor, openSite } from "./site.ts";

describe("export of one person", () => {
  it("is everything that every store holds of them, each log entry with a proof that verifies, and nobody else's", async () => {
    const clock = handClock();
    const site = openSite(clock);
    try {
      site.consents.publish([noticeFor(["gate-1"])]);
      const [person, other] = ["Wanted", "Other"].map((name) =>
        site.persons.create({ name, flat: `${name}-1` }),
      ) as [string, string];
      const templates = new Map<string, string>();
      for (const id of [person, other]) {
        site.credentials.issueCard({
          person: id,
          notation: "8H10D",
          number: id === person ? "0040856634" : "0040856635",
          hex: id === person ? "026F6C3A" : "026F6C3B",
          bits: 32,
        });
        const { consent } = site.give(id, ["gate-1"]);
        templates.set(id, site.enrol(id));
        for (let day = 0; day < 3; day += 1) {
          await site.log.append({
            class: "decision",
            at: clock.now(),
            subject: id,
            door: "gate-1",
            fields: { outcome: "granted", who: id },
          });
          clock.pass(24 * 3_600_000);
        }
        site.removal.withdraw(consent.id);
        site.settle();
        site.give(id, ["gate-1"]);
      }
      const actor = { id: "staff_1", role: "desk", name: "Chen" };
      const request = { actor, purpose: "rights-request", person, fields: ["everything"] };
      const all = await site.lookUp(request, () => exportPerson({ ...site, clock }, person, "all"));

      const text = JSON.stringify(all);
      assert.ok(!text.includes(other) && !text.includes("Other-1"), "nobody else");
      for (const secret of ["0040856634", "026F6C3A", "40856634"]) assert.ok(!text.includes(secret), secret);
      assert.equal(all.person.name, "Wanted");
      assert.deepEqual(all.face, { held: false, templates: 0 });
      // an independent count of every store
      const count = (db: typeof site.ledger, sql: string) =>
        Number(Object.values(db.prepare(sql).get(person)!)[0]);
      assert.equal(
        all.credentials.length,
        count(site.people, "SELECT count(*) FROM credential WHERE person = ?"),
      );
      assert.equal(all.consents.length, count(site.ledger, "SELECT count(*) FROM consent WHERE person = ?"));
      assert.equal(
        all.consents.flatMap(({ history }) => history).length,
        count(
          site.ledger,
          "SELECT count(*) FROM consent_change h JOIN consent c ON c.id = h.consent WHERE c.person = ?",
        ),
      );
      assert.equal(
        all.erasures.length,
        count(site.ledger, "SELECT count(*) FROM erasure WHERE plan LIKE '%' || ? || '%'"),
      );
      const mine = Array.from({ length: site.log.size }, (_, index) => site.log.read(index)!).filter(
        ({ fields }) =>
          fields?.who === person ||
          fields?.template === templates.get(person) ||
          all.consents.some(({ id }) => id === fields?.consent) ||
          all.credentials.some(({ id }) => id === fields?.credential) ||
          fields?.purpose === "rights-request",
      );
      assert.deepEqual(
        all.log.entries.map(({ index }) => index),
        mine.map(({ index }) => index),
      );
      assert.equal(all.log.entries.at(-1)?.fields?.name, "Chen", "who looked, this time included");
      const verifier = parseVkey(all.log.vkey)!;
      for (const { index, proof, fields } of all.log.entries) {
        const proven = verifyProofFile(proof, [verifier]);
        assert.equal(proven?.index, index);
        assert.deepEqual(Object.keys(fields!).length > 0, true);
      }
      for (const { receipt } of all.consents) verifyReceipt(receipt!, site.signer.publicKey);
    } finally {
      site.remove();
    }
  });
});
