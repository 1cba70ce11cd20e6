import assert from "node:assert/strict";
import { LimenError } from "../../core/errors.ts";
import { noDiff } from "../../core/policy/changes/diff.ts";
import { setChangeDesk } from "../../nodes/lib/change-desk.ts";
import { answerWith } from "../../nodes/plugins/flow-gate.ts";
import { bearer, call, type Stand, secretOf, stand } from "./stand.ts";

describe("changes over the API", () => {
  let s: Stand;
  before(async () => {
    s = await stand();
  });
  after(() => s.close());
  beforeEach(() => s.forward(3_600_000));

  const change = { id: 7, day: "2026-11-24", kind: "deployed" as const, by: "ann", rules: [] as string[] };

  it("lists them, and what waits", async () => {
    const waiting = {
      id: 9,
      by: "ben",
      role: "technician",
      since: "2026-11-24T00:00:00Z",
      expires: "2026-11-27T00:00:00Z",
      before: "a".repeat(64),
      after: "b".repeat(64),
      mine: false,
    };
    s.handlers["change.list"] = () => ({ waiting: [waiting], changes: [change] });
    const { status, json } = await call(
      `${s.url}/changes?limit=5&before=12`,
      "GET",
      undefined,
      bearer("auditor"),
    );
    assert.equal(status, 200);
    assert.deepEqual(json, { waiting: [waiting], changes: [change] });
    assert.deepEqual(s.asked.at(-1)?.request, { auth: secretOf("auditor"), limit: 5, before: 12 });
  });

  it("tells one in the words of whoever reads it", async () => {
    const diff = { ...noDiff, facts: [{ door: "gate", name: "ways" as const, before: "card", after: "" }] };
    s.handlers["change.read"] = ({ id }) => ({ ...change, id, diff });
    for (const [language, words] of [
      ["zh-TW", /感應卡 → 無/],
      ["zh-CN", /刷卡 → 无/],
      ["en-US", /card → nothing/],
    ] as const) {
      const { json } = await call(`${s.url}/changes/7`, "GET", undefined, {
        ...bearer("manager"),
        "accept-language": language,
      });
      assert.match(JSON.stringify(json.said), words);
    }
    for (const id of ["-1", "x", "1e3", "9".repeat(16)]) {
      const { status } = await call(`${s.url}/changes/${id}`, "GET", undefined, bearer("manager"));
      assert.equal(status, 400, id);
    }
  });

  it("decides where the flow is held, and says what stands against it", async () => {
    const decided: unknown[] = [];
    const answers: Record<string, unknown> = {
      2: new LimenError("same-person", { status: 403 }),
      3: answerWith(422, "flow-unlawful", "x"),
      4: Object.assign(new Error(), { code: "version_mismatch", status: 409 }),
    };
    setChangeDesk({
      approve(id, auth) {
        decided.push([id, auth]);
        return answers[id] ? Promise.reject(answers[id] as Error) : Promise.resolve();
      },
      reject: (id, auth) => Promise.resolve(void decided.push([-id, auth])),
      holds: () => true,
      code: () => [],
    });
    const decide = async (id: number, what: string) => {
      const { status, json } = await call(
        `${s.url}/changes/${id}/${what}`,
        "POST",
        undefined,
        bearer("technician"),
      );
      return [status, (json as { code?: string } | undefined)?.code];
    };
    assert.deepEqual((await decide(1, "approve"))[0], 204);
    assert.deepEqual(await decide(2, "approve"), [403, "same-person"]);
    assert.deepEqual(await decide(3, "approve"), [422, "flow-unlawful"]);
    assert.deepEqual(await decide(4, "approve"), [409, "change-stale"]);
    assert.deepEqual((await decide(5, "reject"))[0], 204);
    const auth = secretOf("technician");
    assert.deepEqual(decided, [
      [1, auth],
      [2, auth],
      [3, auth],
      [4, auth],
      [-5, auth],
    ]);
  });
});
