import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { keysOf, languages, sentence } from "../../core/words.ts";
import { bearer, call, person, type Stand, stand } from "./stand.ts";

const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(2000, 7)]);

describe("what the API refuses", () => {
  let s: Stand;
  before(async () => {
    s = await stand();
    s.handlers["person.create"] = () => ({ id: person });
    s.handlers["face.enrol"] = (_request, { blobs }) => ({
      template: "tpl_0123456789abcdef",
      quality: 0.9,
      frames: blobs.length,
      used: blobs.length,
      needsSecondMethod: false,
    });
    s.handlers["door.screen"] = () => ({
      id: "gate",
      name: "Gate",
      ways: ["card"],
      face: true,
      simulated: true,
      camera: "cam",
    });
    s.handlers.frame = () => ({ wanted: true });
  });
  beforeEach(() => {
    s.forward(3_600_000);
    s.asked.length = 0;
  });
  after(() => s.close());

  const refused = async (answer: ReturnType<typeof call>, expected: string) => {
    const { status, json, headers } = await answer;
    assert.equal(`${status} ${json.code}`, expected);
    assert.match(headers.get("content-type") ?? "", /^application\/problem\+json/);
    assert.equal(headers.get("cache-control"), "no-store");
    assert.ok(String(json.title).length > 5 && !String(json.title).startsWith("error."), String(json.title));
    assert.ok(!s.asked.some(({ verb }) => verb !== "session.check" && verb !== "door.screen"));
  };
  const post = (body: unknown, headers = {}) =>
    call(`${s.url}/persons`, "POST", body, { ...bearer("desk"), ...headers });

  it("broken, foreign, oversized and deep JSON", async () => {
    await refused(post("{"), "400 json-bad");
    await refused(post('"a"'), "400 invalid");
    await refused(post("[]"), "400 invalid");
    await refused(post({}), "400 invalid");
    await refused(post({ name: "A", id_number: "110101" }), "400 invalid");
    await refused(post('{"name":"A","__proto__":{"role":"manager"}}'), "400 invalid");
    await refused(post({ name: "x".repeat(70_000) }), "413 body-too-large");
    await refused(post({ name: "A" }, { "content-type": "text/plain" }), "415 content-type-wrong");
    await refused(
      post({ name: "A" }, { "content-type": "application/json; charset=koi8-r" }),
      "415 content-type-wrong",
    );
    await refused(post({ name: "A", birth_date: "yesterday" }), "400 invalid");
  });

  it("unknown places, methods and ids", async () => {
    await refused(call(`${s.url}/nowhere`, "GET"), "404 not-found");
    await refused(call(`${s.url}/persons/%E0%A4%A`, "GET", undefined, bearer("desk")), "404 not-found");
    await refused(call(`${s.url}/doors`, "DELETE"), "405 method-not-allowed");
    await refused(call(`${s.url}/persons/1`, "PATCH", { name: "A" }, bearer("desk")), "400 invalid");
    await refused(call(`${s.url}/events?limit=many`, "GET", undefined, bearer("desk")), "400 invalid");
    await refused(call(`${s.url}/events?limit=5&limit=6`, "GET", undefined, bearer("desk")), "400 invalid");
  });

  it("speaks the caller's language", async () => {
    const title = async (language: string) =>
      String((await post("{", { "accept-language": language })).json.title);
    assert.equal(await title("zh-CN"), sentence("zh-CN", "error.json-bad"));
    assert.equal(await title("zh-HK"), sentence("zh-TW", "error.json-bad"));
    assert.equal(await title("fr"), sentence("en-US", "error.json-bad"));
  });

  const enrol = async (form: FormData | string, type?: string) => {
    s.forward(120_000);
    const response = await fetch(`${s.url}/persons/${person}/face`, {
      method: "PUT",
      body: form,
      headers: { ...bearer("desk"), ...(type ? { "content-type": type } : {}) },
    });
    return {
      status: response.status,
      json: (await response.json()) as Record<string, unknown>,
      headers: response.headers,
    };
  };
  const form = (...parts: (Buffer | string)[]) => {
    const made = new FormData();
    for (const part of parts)
      if (typeof part === "string") made.append("note", part);
      else made.append("frames", new Blob([new Uint8Array(part)]), "frame.jpg");
    return made;
  };

  it("takes 1 to 10 pictures whole, and nothing beside them", async () => {
    const { status, json } = await enrol(form(jpeg, jpeg, jpeg));
    assert.deepEqual([status, json.frames], [200, 3]);
    const { blobs } = s.asked.at(-1)!;
    assert.equal(blobs.length, 3);
    assert.ok(blobs.every((blob) => blob.equals(jpeg)));
    s.asked.length = 0;
    await refused(enrol(form()), "400 no-frames");
    await refused(enrol(form(...Array<Buffer>(11).fill(jpeg))), "400 too-many-frames");
    await refused(enrol(form(jpeg, "110101199001011234")), "400 field-unknown");
    await refused(enrol(form(Buffer.from("not a picture at all"))), "400 not-a-picture");
    await refused(enrol(form(Buffer.concat([jpeg, Buffer.alloc(10 << 20)]))), "413 frame-too-large");
    await refused(enrol("{}", "application/json"), "415 content-type-wrong");
    await refused(enrol("--", "multipart/form-data"), "400 multipart-bad");
    await refused(enrol("garbage", "multipart/form-data; boundary=x"), "400 multipart-bad");
  });

  it("takes one JPEG from a door's screen", async () => {
    const send = async (body: Buffer, type: string) => {
      const response = await fetch(`${s.url}/doors/gate/frames`, {
        method: "POST",
        body: new Uint8Array(body),
        headers: { "content-type": type },
      });
      return {
        status: response.status,
        json: (await response.json()) as Record<string, unknown>,
        headers: response.headers,
      };
    };
    assert.deepEqual((await send(jpeg, "image/jpeg")).json, { wanted: true });
    assert.ok(s.asked.at(-1)!.blobs[0]!.equals(jpeg));
    s.asked.length = 0;
    await refused(send(Buffer.from("text"), "image/jpeg"), "400 not-a-picture");
    await refused(send(jpeg, "image/gif"), "415 content-type-wrong");
    await refused(send(Buffer.alloc(4 << 20, 1), "image/jpeg"), "413 body-too-large");
  });

  it("has a sentence in three languages for every code thrown here", () => {
    const thrown = new Set<string>();
    const folder = new URL("../../nodes/api/", import.meta.url).pathname;
    for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".ts"),
    )) {
      const source = readFileSync(join(folder, file), "utf8");
      for (const [, code] of source.matchAll(/(?:new LimenError|refuse)\("([a-z-]+)"/g)) thrown.add(code!);
    }
    assert.ok(thrown.size > 12, `${thrown.size} codes`);
    for (const language of languages) {
      const keys = new Set(keysOf(language));
      for (const code of thrown) assert.ok(keys.has(`error.${code}`), `${language} error.${code}`);
    }
  });
});
