import assert from "node:assert/strict";
import { request } from "node:http";
import { addressesOf } from "../../core/people/party.ts";
import { bearer, call, person, type Stand, stand } from "./stand.ts";

/** The cookies an answer sets. */
const cookies = (url: string, headers: Record<string, string>): Promise<string[]> =>
  new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method: "POST", headers: { "content-type": "application/json", ...headers } },
      (res) => {
        res.resume();
        resolve(res.headers["set-cookie"] ?? []);
      },
    );
    sent.on("error", reject);
    sent.end(JSON.stringify({ name: "manager", password: "right" }));
  });

describe("a site with an address of its own (LIMEN_URL)", () => {
  let s: Stand;
  before(async () => {
    s = await stand("none", ["https://doors.example.org"]);
    s.handlers["resident.invite"] = () => ({ invitation: "li_secret", expires: "2030-01-01T00:00:00Z" });
    s.handlers["passkey.challenge"] = ({ origin }) => ({ options: JSON.stringify({ origin }) });
  });
  beforeEach(() => s.forward(3_600_000));
  after(() => s.close());

  it("sets __Host- cookies under it, behind whatever ends its https, and plain ones on the box itself", async () => {
    const [secure] = await cookies(`${s.url}/session`, { host: "doors.example.org" });
    assert.match(
      secure ?? "",
      /^__Host-limen=[^;]+; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Strict$/,
    );
    const [plain] = await cookies(`${s.url}/session`, {});
    assert.match(plain ?? "", /^limen_session=[^;]+; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/);
    const [other] = await cookies(`${s.url}/session`, { host: "doors.example.org.evil.example" });
    assert.match(other ?? "", /^limen_session=/);
  });

  it("hands out links under it, by whatever name the desk reached the box", async () => {
    const { json } = await call(`${s.url}/persons/${person}/invitation`, "POST", undefined, bearer("desk"));
    assert.equal(json.link, "https://doors.example.org/me#li_secret");
  });

  it("tells the vault the page's origin as the browser says it, not as a proxy wrote it", async () => {
    const { json } = await call(`${s.url}/session/passkey/challenge`, "POST", undefined, {
      origin: "https://doors.example.org",
      "sec-fetch-site": "same-origin",
    });
    assert.deepEqual(JSON.parse(String(json.options)), { origin: "https://doors.example.org" });
  });
});

describe("LIMEN_URL", () => {
  it("is one address or several, each with https or the box itself", () => {
    assert.deepEqual(addressesOf(undefined), []);
    assert.deepEqual(addressesOf(" https://doors.example.org , https://b.example:8443/ "), [
      "https://doors.example.org",
      "https://b.example:8443",
    ]);
    assert.deepEqual(addressesOf("http://localhost:1880"), ["http://localhost:1880"]);
  });

  it("is refused where it could not work, at the start and not at the first sign-in", () => {
    for (const wrong of [
      "doors.example.org",
      "http://doors.example.org",
      "https://x.example/limen",
      "ftp://x",
      "x",
    ])
      assert.throws(() => addressesOf(wrong), /LIMEN_URL/, wrong);
  });
});
