import assert from "node:assert/strict";
import { screenToken } from "../../nodes/api/screens.ts";
import { attempt, call, rawCall, type Stand, stand } from "./stand.ts";

/** Reads server-sent events until `enough` says so. */
async function events(
  url: string,
  enough: (seen: string[]) => boolean,
  headers: Record<string, string> = {},
) {
  const end = new AbortController();
  const response = await fetch(url, { headers, signal: end.signal });
  const seen: string[] = [];
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  return {
    response,
    async collect(): Promise<string[]> {
      while (!enough(seen)) {
        const { done, value } = await reader.read();
        if (done) break;
        seen.push(...value.split("\n\n").filter(Boolean));
      }
      end.abort();
      return seen;
    },
  };
}

describe("GET /doors/{id}/stream", () => {
  let s: Stand;
  before(async () => {
    s = await stand();
    s.handlers["door.screen"] = ({ door }) => ({
      id: door,
      name: "Gate",
      ways: [],
      face: true,
      simulated: true,
    });
    s.handlers.event = () => ({ index: 1, origin: "test" });
  });
  beforeEach(() => s.forward(3_600_000));
  after(() => s.close());
  const record = { index: 7, origin: "test" };

  it("tells outcome, code and language of each attempt at this door, and nothing of who or with what", async () => {
    const stream = await events(`${s.url}/doors/gate/stream`, (seen) =>
      seen.some((one) => one.includes("wrong-pin")),
    );
    assert.equal(stream.response.headers.get("cache-control"), "no-store");
    const person = "person_0123456789abcdef";
    const ticket = `ticket-${"t".repeat(30)}`;
    s.tell({
      event: "attempt",
      attempt: attempt({ door: "lobby", outcome: "granted", code: "granted", record }),
    });
    s.tell({ event: "attempt", attempt: attempt({ outcome: "pending" }) });
    s.tell({
      event: "attempt",
      attempt: attempt({ outcome: "granted", code: "granted", record, person, ticket, method: "card" }),
      language: "zh-TW",
    });
    s.tell({ event: "door", door: "gate", kind: "duress" });
    s.tell({ event: "attempt", attempt: attempt({ outcome: "denied", code: "wrong-pin", record }) });
    const seen = (await stream.collect()).filter((one) => one.startsWith("event: outcome"));
    const told = seen.map((one) => JSON.parse(one.split("data: ")[1]!) as object);
    assert.deepEqual(told, [
      { attempt: attempt({}).id, outcome: "granted", code: "granted", language: "zh-TW" },
      { attempt: attempt({}).id, outcome: "denied", code: "wrong-pin" },
    ]);
  });

  it("tells what a look at this door asks of whoever it recognised, and of no other door", async () => {
    const stream = await events(`${s.url}/doors/gate/stream`, (seen) =>
      seen.some((one) => one.includes("turn-")),
    );
    s.tell({ event: "look", camera: "c", running: true });
    s.tell({ event: "look", camera: "c", running: true, ask: "turn-right", door: "lobby" });
    s.tell({ event: "look", camera: "c", running: true, ask: "turn-left", door: "gate" });
    const asks = (await stream.collect()).filter((one) => one.includes("turn-"));
    assert.deepEqual(asks, ['event: ask\ndata: {"ask":"turn-left"}']);
  });

  it("tells what is wrong with a look's pictures, and when one wants this screen's own", async () => {
    const stream = await events(`${s.url}/doors/gate/stream`, (seen) =>
      seen.some((one) => one.includes('"running":false')),
    );
    const look = { event: "look", camera: "c", running: true } as const;
    s.tell({ ...look, door: "gate" }); // another camera of this door
    s.tell({ ...look, door: "gate", screen: true });
    s.tell({ ...look, door: "lobby", hint: "no-face" });
    s.tell({ ...look, door: "gate", hint: "face-too-small" });
    s.tell({ ...look, door: "gate", hint: null });
    s.tell({ ...look, running: false, door: "gate", screen: true });
    const told = (await stream.collect()).filter((one) => /^event: (look|hint)/.test(one));
    assert.deepEqual(told, [
      'event: look\ndata: {"running":true}',
      'event: hint\ndata: {"hint":"face-too-small"}',
      'event: hint\ndata: {"hint":null}',
      'event: look\ndata: {"running":false}',
    ]);
  });

  it("is for the door's own screen alone", async () => {
    const far = { "x-forwarded-for": "10.0.0.5" };
    for (const url of [`${s.url}/doors/gate/stream`, `${s.url}/doors/NO/stream`])
      assert.ok([403, 400, 422].includes((await rawCall(url, "GET", far)).status), url);
    const cookie = (door: string) => ({
      ...far,
      cookie: `limen_screen=${screenToken(Buffer.alloc(32, 7), door, Date.now() + 60_000)}`,
    });
    assert.equal(
      (await rawCall(`${s.url}/doors/gate/stream`, "GET", cookie("lobby"))).json.code,
      "not-at-door",
    );
    const own = await events(`${s.url}/doors/gate/stream`, () => true, cookie("gate"));
    assert.equal(own.response.status, 200);
    await own.collect();
  });

  it("lets somebody at the door call the guard, not too often, and nobody from afar", async () => {
    assert.equal(
      (await rawCall(`${s.url}/doors/gate/help`, "POST", { "x-forwarded-for": "10.0.0.5" })).status,
      403,
    );
    s.asked.length = 0;
    assert.equal((await call(`${s.url}/doors/gate/help`, "POST")).status, 204);
    assert.deepEqual(s.asked.at(-1)?.request, { door: "gate", kind: "help-asked" });
    await call(`${s.url}/doors/gate/help`, "POST");
    assert.equal((await call(`${s.url}/doors/gate/help`, "POST")).json.code, "too-many-requests");
    s.forward(20_000);
    assert.equal((await call(`${s.url}/doors/gate/help`, "POST")).status, 204);
  });
});
