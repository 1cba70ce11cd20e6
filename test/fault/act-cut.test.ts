import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { Gallery } from "../../core/faces/gallery.ts";
import { embedder, memoryDisk, type TestSite } from "../core/retention/site.ts";
import { type Act, acts, type Moment, type Stood } from "./act-writer.ts";
import { door, start } from "./site-writer.ts";

const writer = join(import.meta.dirname, "act-writer.ts");

describe("a vault killed in the very transaction of an act", () => {
  let folder: string;
  let site: TestSite | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(memoryDisk, "limen-act-"));
  });
  afterEach(() => {
    site?.close();
    site = undefined;
    rmSync(folder, { recursive: true });
  });

  /** Kills it there, and opens what it left. */
  function killedIn(act: Act, moment: Moment): { stood: Stood; site: TestSite } {
    const args = ["--disable-warning=ExperimentalWarning", writer, folder, act, moment];
    const { signal, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    assert.equal(signal, "SIGKILL", stderr);
    site = start(folder);
    return { stood: JSON.parse(stdout) as Stood, site };
  }
  const compared = ({ templates }: TestSite) => {
    const gallery = new Gallery(embedder.dimensions);
    templates.load(gallery, embedder, 0);
    return [...gallery.people()];
  };
  /** Entries of one person, oldest first. */
  const entries = ({ log }: TestSite, person: string, kind: "consent" | "configuration") =>
    log
      .query({ classes: [kind], subject: person })
      .reverse()
      .map(({ fields }) => fields!);

  for (const act of acts)
    for (const moment of ["before", "after"] as const)
      it(`${act}, ${moment} it is durable: with its record, or not at all`, () => {
        const { stood, site } = killedIn(act, moment);
        const { consents, erasures, facesDb, log, templateKeys, templates } = site;
        const { person } = stood;
        const done = moment === "after";

        const [consent, ...more] = consents.list(person);
        assert.deepEqual(more, []);
        const given = act !== "give" || done;
        const withdrawn = act === "withdraw" && done;
        assert.equal(consent?.state, given ? (withdrawn ? "withdrawn" : "given") : undefined);
        assert.equal(consents.peopleAt("face", door).has(person), given && !withdrawn);
        assert.deepEqual(
          entries(site, person, "consent").map(({ consent, state }) => [consent, state]),
          [...(given ? [[consent!.id, "given"]] : []), ...(withdrawn ? [[consent!.id, "withdrawn"]] : [])],
        );
        if (given) assert.ok(consents.receipt(consent!.id));

        const recorded = entries(site, person, "configuration").map(({ template }) => template);
        const [template, ...others] = templates.of(person);
        assert.deepEqual(others, []);
        if (act === "enrol" || act === "renew") {
          assert.equal(recorded.length, (stood.template ? 1 : 0) + (done ? 1 : 0));
          assert.equal(template, recorded.at(-1), "the face there is, is the last one on record");
          if (stood.template) assert.equal(template === stood.template, !done);
        } else assert.equal(template, withdrawn ? undefined : stood.template);
        assert.deepEqual(compared(site), template === undefined ? [] : [person]);
        const kept = template === undefined ? [] : [template];
        assert.deepEqual(templateKeys.ids(), kept, "no other key");
        const rows = facesDb.prepare("SELECT id FROM template").all();
        assert.deepEqual(
          rows.map(({ id }) => id),
          kept,
          "no other row",
        );
        if (!done && (act === "enrol" || act === "renew")) {
          assert.ok(site.ring.generation > 1, "whatever a write-ahead log has of its key is dead");
          assert.equal(statSync(join(folder, "faces.db-wal")).size, 0);
        }
        const caused = erasures.of(person);
        assert.equal(caused.length, done && (act === "renew" || act === "withdraw") ? 1 : 0);
        assert.deepEqual(
          caused.map(({ state }) => state),
          caused.map(() => "done"),
        );
        assert.deepEqual(log.coverage().findings, []);
      });
});
