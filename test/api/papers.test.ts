import assert from "node:assert/strict";
import { request } from "node:http";
import { flowHash } from "../../core/policy/flow-hash.ts";
import { siteFacts } from "../../core/policy/papers/facts.ts";
import { paper, paperKinds, toHtml, toText } from "../../core/policy/papers/index.ts";
import { languages } from "../../core/words.ts";
import { change, flow, lane } from "../core/policy/build.ts";
import { bearer, call, type Stand, stand } from "./stand.ts";

const running = change(flow(lane("a", ["card", "face"]), lane("b", ["card", "face"])), {
  "b-face": { mode: "1:1" },
});

/** As somebody who reached the box by a name. */
const fetchAs = (host: string, url: string): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    request(url, { headers: { ...bearer("auditor"), host } }, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part)).on("end", () => resolve(Buffer.concat(parts)));
    })
      .on("error", reject)
      .end();
  });

describe("papers of the running flow, over HTTP", () => {
  let s: Stand;
  before(async () => {
    s = await stand();
  });
  beforeEach(() => {
    s.flow = running;
    s.forward(3_600_000);
  });
  after(() => s.close());

  const get = (path: string) => fetch(`${s.url}${path}`, { headers: bearer("auditor") });

  it("makes every kind in every language, as text and as a page, with the flow's hash", async () => {
    const hash = flowHash(running);
    for (const kind of paperKinds)
      for (const language of languages) {
        const document = paper(running, kind, { language, hash });
        for (const [format, wanted] of [
          ["text", toText(document)],
          ["html", toHtml(document)],
        ]) {
          const answer = await get(`/flow/papers/${kind}?language=${language}&format=${format}`);
          assert.equal(answer.status, 200, `${kind} ${language} ${format}`);
          assert.equal(answer.headers.get("limen-flow"), hash);
          assert.equal(await answer.text(), wanted);
        }
      }
  });

  it("names who is on the register of processors, and says there is no face where there is none", async () => {
    const nobody = s.handlers["recipient.list"]!;
    s.handlers["recipient.list"] = () => ({
      recipients: [
        {
          name: "Door Works",
          role: "processor",
          contact: "works@example.invalid",
          purpose: "repairs",
          method: "on site",
          data: ["entry-events"],
          until: "2027-12-31",
        },
      ],
    });
    for (const kind of ["notice", "record", "data-flow"] as const) {
      const answer = await get(`/flow/papers/${kind}?language=en-US&format=text`);
      assert.match(await answer.text(), /Door Works/, kind);
    }
    const told = await fetch(`${s.url}/notices/entry?language=zh-CN`);
    assert.equal(told.status, 200, "for everybody, signed in or not");
    const { text, flow: from } = (await told.json()) as { text: string; flow: string };
    assert.match(text, /Door Works/);
    assert.equal(from, flowHash(running));
    s.handlers["recipient.list"] = nobody;
    s.flow = flow(lane("c", ["card"]));
    assert.equal((await get("/flow/papers/notice")).status, 404);
    assert.equal((await get("/flow/papers/entry-notice")).status, 200);
  });

  it("is a PDF where that is asked for, with a way back to the notice's own page", async () => {
    const answer = await get("/flow/papers/notice?format=pdf&language=zh-TW&door=a");
    assert.equal(answer.headers.get("content-type"), "application/pdf");
    assert.equal(answer.headers.get("content-disposition"), 'inline; filename="limen-notice-zh-TW.pdf"');
    assert.equal(answer.headers.get("limen-flow"), flowHash(running));
    const alone = Buffer.from(await answer.arrayBuffer());
    assert.equal(alone.subarray(0, 5).toString(), "%PDF-");
    const { port } = new URL(s.url);
    const named = await fetchAs(
      `limen.example:${port}`,
      `${s.url}/flow/papers/notice?format=pdf&language=zh-TW&door=a`,
    );
    assert.ok(named.length > alone.length + 500, "a name that others can reach is printed with its code");
  });

  it("speaks of the flow that waits for its papers, where one does", async () => {
    assert.equal((await get("/flow/papers/notice?of=draft")).status, 404);
    s.draft = change(running, { site: { name: "Draft Court" } });
    assert.match(await (await get("/flow/papers/notice?of=draft&format=text")).text(), /Draft Court/);
    const { json } = await call(`${s.url}/flow/facts?of=draft`, "GET", undefined, bearer("auditor"));
    assert.equal(json.flow, flowHash(s.draft));
    s.draft = undefined;
  });

  it("is a page that may use its own style and nothing else", async () => {
    const answer = await get("/flow/papers/notice");
    assert.equal(answer.headers.get("content-type"), "text/html; charset=utf-8");
    const policy = answer.headers.get("content-security-policy") ?? "";
    assert.match(policy, /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; /);
    assert.doesNotMatch(policy, /unsafe|script/);
  });

  it("follows the flow: what is deployed next has another hash and other words", async () => {
    const text = async () => (await get("/flow/papers/record?format=text")).text();
    const before = await text();
    s.flow = change(running, { site: { name: "Other Court" } });
    const after = await text();
    assert.notEqual(after, before);
    assert.ok(after.includes("Other Court") && after.includes(flowHash(s.flow)));
  });

  it("speaks of the door that was asked for, and knows no other", async () => {
    const notice = async (door: string) => (await get(`/flow/papers/notice?format=text&door=${door}`)).text();
    assert.notEqual(await notice("a"), await notice("b"));
    assert.equal((await get("/flow/papers/notice?door=nowhere")).status, 404);
    assert.equal((await get("/flow/papers/secrets")).status, 400);
  });

  it("tells the facts of each door that papers must cite", async () => {
    const { json } = await call(`${s.url}/flow/facts`, "GET", undefined, bearer("technician"));
    assert.equal(json.flow, flowHash(running));
    assert.deepEqual(
      json.doors,
      siteFacts(running).doors.map(({ id, name, material, spelt }) => ({
        id,
        name,
        mode: material.mode,
        facts: spelt,
      })),
    );
    assert.deepEqual(
      (json.doors as { mode: string }[]).map(({ mode }) => mode),
      ["1:N", "1:1"],
    );
  });

  it("has none before a flow runs", async () => {
    s.flow = undefined;
    for (const path of ["/flow/facts", "/flow/papers/notice"]) assert.equal((await get(path)).status, 503);
  });
});
