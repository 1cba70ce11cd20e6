import assert from "node:assert/strict";
import type { VaultEvent } from "../../vault/protocol/index.ts";
import { attempt, bearer, type Stand, stand } from "./stand.ts";

describe("GET /events/stream", () => {
  let s: Stand;
  before(async () => {
    s = await stand();
  });
  after(() => s.close());

  it("is for staff at doors: nobody without a session, no resident, no privacy officer", async () => {
    assert.equal((await fetch(`${s.url}/events/stream`)).status, 401);
    for (const role of ["resident", "privacy-officer"] as const)
      assert.equal((await fetch(`${s.url}/events/stream`, { headers: bearer(role) })).status, 403);
  });

  it("tells at once which door, and nothing of who, by which way, or with what outcome", async () => {
    const end = new AbortController();
    const response = await fetch(`${s.url}/events/stream`, { headers: bearer("guard"), signal: end.signal });
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    const until = async (what: string) => {
      while (!text.includes(what)) text += (await reader.read()).value ?? "";
    };
    await until("event: vault");
    const told: VaultEvent[] = [
      { event: "door", door: "yard", kind: "duress" }, // never on a wall
      { event: "attempt", attempt: attempt({ outcome: "denied", code: "outside-hours" }) },
      { event: "door", door: "garage", kind: "opened", attempt: "01JD0000000000000000000000" },
    ];
    for (const event of told) s.tell(event);
    await until("garage");
    end.abort();
    assert.deepEqual(text.match(/^data: .*$/gm), [
      'data: {"up":true}',
      'data: {"door":"gate"}',
      'data: {"door":"garage"}',
    ]);
  });
});
