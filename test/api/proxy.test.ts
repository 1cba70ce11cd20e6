import assert from "node:assert/strict";
import { addressFrom } from "../../nodes/api/caller-address.ts";
import { rawCall, type Stand, secretOf, stand } from "./stand.ts";

const request = (remoteAddress: string, forwarded?: string) =>
  ({
    headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded },
    socket: { remoteAddress },
  }) as never;

describe("where a request comes from (LIMEN_PROXY)", () => {
  it("is the other end of the line, whatever is said, where no proxy is named", () => {
    const addressOf = addressFrom(undefined);
    assert.equal(addressOf(request("10.0.0.9", "203.0.113.7")), "10.0.0.9");
    assert.equal(addressOf(request("127.0.0.1", "203.0.113.7")), "127.0.0.1");
  });

  it("is the hop that a named proxy saw, and nothing further away", () => {
    const addressOf = addressFrom("10.0.0.2, 10.1.0.0/24");
    assert.equal(addressOf(request("10.0.0.2", "203.0.113.7")), "203.0.113.7");
    assert.equal(addressOf(request("::ffff:10.0.0.2", "203.0.113.7")), "203.0.113.7");
    assert.equal(addressOf(request("10.0.0.2", "made up, 198.51.100.1, 203.0.113.7")), "203.0.113.7");
    assert.equal(addressOf(request("10.0.0.2", "203.0.113.7, 10.1.0.5")), "203.0.113.7", "two of ours");
    assert.equal(addressOf(request("10.0.0.3", "203.0.113.7")), "10.0.0.3", "somebody else's proxy");
    assert.equal(addressOf(request("10.0.0.2")), "10.0.0.2");
    assert.equal(addressOf(request("10.0.0.2", "10.1.0.5")), "10.1.0.5");
  });

  it("refuses to start with what is no address", () => {
    assert.throws(() => addressFrom("the proxy"), /LIMEN_PROXY/);
  });
});

describe("limits behind a proxy and in an office", () => {
  let s: Stand;
  before(async () => {
    s = await stand("none", [], "127.0.0.1");
    s.handlers["door.list"] = () => ({ doors: [] });
  });
  beforeEach(() => s.forward(3_600_000));
  after(() => s.close());
  const guess = (from: string) =>
    rawCall(
      `${s.url}/session`,
      "POST",
      { "content-type": "application/json", "x-forwarded-for": from },
      '{"name":"manager","password":"wrong"}',
    );

  it("stop one who guesses, and nobody else behind the same proxy", async () => {
    for (let n = 0; n < 10; n++) assert.equal((await guess("203.0.113.7")).status, 401);
    assert.equal((await guess("203.0.113.7")).status, 429);
    assert.equal((await guess("made up, 203.0.113.7")).status, 429, "whatever they claim");
    assert.equal((await guess("203.0.113.8")).status, 401);
  });

  it("count whoever is signed in by themselves, and made-up cookies by their address", async () => {
    const doors = (headers: Record<string, string>) => rawCall(`${s.url}/doors`, "GET", headers);
    const cookie = `limen_session=${secretOf("guard")}`;
    assert.equal((await doors({ cookie })).status, 200); // known from here on
    let refused = 0;
    for (let n = 0; n < 301; n++) {
      const made = `limen_session=${String(n).padStart(40, "x")}`;
      if ((await doors({ cookie: made })).status === 429) refused++;
    }
    assert.ok(refused > 0, "the address has spent its own");
    assert.equal((await doors({ cookie })).status, 200);
  });
});
