import assert from "node:assert/strict";
import { act, onAct, outcome } from "../../nodes/lib/acts.ts";
import { Id, Opaque } from "../../vault/protocol/common.ts";
import { SoftPasskey } from "../core/people/soft-passkey.ts";
import { residentOf, signedIn } from "../vault/accounts.ts";
import { alwaysRule, estate } from "../vault/rig.ts";
import { type Operation, operations, type Place, places, type Schema, sample } from "./document.ts";
import { type VaultApi, vaultApi } from "./vault-api.ts";

const patternOf = (schema: object): string | undefined => (schema as Schema).pattern;

/** What an id stands for: the collection it is one of, as paths name it. */
const kindOf = ({ path }: Operation, { name, schema }: Place): string | undefined => {
  const before = path.split("/").at(path.split("/").indexOf("{id}") - 1);
  if (name === "id") return path.includes("{id}") ? before : path.split("/")[1];
  if (schema.description?.includes("leaf")) return "entries";
  if (schema.pattern === patternOf(Id)) return "doors";
  if (!schema.pattern?.endsWith(patternOf(Opaque)!.split("+").at(-1)!)) return undefined;
  return (
    { person: "persons", guardian: "persons", members: "persons", case: "disclosures" }[name] ?? `${name}s`
  );
};

/** An id as somebody would try one: of the right form, and of nothing. */
const nothing: Record<string, string | number> = { doors: "nowhere", entries: 900_001, changes: "900001" };

const publicDoor = "whoever stands at a door may see it and use it; no door is anybody's";
/** Operations that tell a resident of an object that is not theirs, each with its reason. */
const exempt: Record<string, string> = {
  "POST /requests processor":
    "who works for the site stands on its notices; anybody may ask about any of them",
  "GET /doors/{id} id": publicDoor,
  "POST /doors/{id}/face-requests id": publicDoor,
  "POST /doors/{id}/help id": publicDoor,
  "POST /doors/{id}/frames id": publicDoor,
  "POST /doors/{id}/pin-entries id": publicDoor,
  "GET /doors/{id}/presence id": publicDoor,
  "GET /notices/current door": "a notice hangs at its door, for everybody who comes by",
  "POST /persons/{id}/consents doors":
    "a yes gives no right: a face is compared only at doors its person may use (vault/verbs/match.ts)",
  "POST /erasures/receipt id":
    "whoever was erased has no session any more: the id they were told is all that is left",
};

/** What no resident may do, each with its reason: refused to whose it is, too. */
const toNobody: Record<string, string> = {
  "PATCH /session/passkeys/{id} id": "staff alone name their passkeys: of a resident no name is kept",
  "POST /persons/{id}/consents guardian": "a guardian says yes for a child at the desk",
  "GET /persons/{id}/export case": "one's own copy is whole; a case is for the office",
};

interface Household {
  person: string;
  auth: string;
  own: Record<string, string | number>;
}

/** Beside role × endpoint: everything that has somebody's id, asked by somebody else. */
describe("another person's object, from the OpenAPI document", () => {
  let api: VaultApi;
  let manager: string;
  let guard: string;
  let notice: string;
  let stranger: Household;
  let victim: Household;
  let card = 40_000_000;
  const back: (() => void)[] = [];
  const all = operations();

  before(async () => {
    api = await vaultApi();
    const { client } = api.rig;
    const { doors, ...rest } = estate();
    await client.call("configure", {
      ...rest,
      doors: doors.map((door) => ({ ...door, phone: "anywhere" as const })),
    });
    for (const { id: door } of doors)
      back.push(
        onAct(door, "phone", async ({ auth }) => {
          const { id } = await client.call("identify", {
            node: "n1",
            reader: "r1",
            door,
            method: "phone",
            auth,
          });
          await client.call("decide", { attempt: id, node: "n2", rule: alwaysRule });
          await client.call("record", { attempt: id, node: "n3" });
          return id;
        }),
      );
    manager = await signedIn(api.rig, "Chen");
    guard = await signedIn(api.rig, "Gu", "guard");
    notice = (await client.call("notice.current", { method: "face", language: "zh-CN" })).id;
    stranger = await household("unit-1");
    victim = await household("main-gate");
  });
  after(async () => {
    for (const take of back) take();
    await api.close();
  });

  /** Somebody who lives here, with one of everything a resident has. */
  async function household(door: string): Promise<Household> {
    const { client } = api.rig;
    const { id: person } = await client.call("person.create", { auth: manager, name: "住户", doors: [door] });
    const auth = await residentOf(api.rig, person);
    const number = String(++card).padStart(10, "0");
    await client.call("credential.issue", { auth: manager, person, kind: "card", notation: "8H10D", number });
    const give = {
      purpose: "door-entry",
      method: "face",
      givenBy: "self",
      channel: "resident-page",
    } as const;
    const { consent } = await client.call("consent.give", { auth, person, doors: [door], notice, ...give });
    const { id: pass } = await client.call("pass.issue", {
      auth,
      person,
      kind: "visitor",
      ...soon(),
      uses: 1,
      window: 0,
      doors: [door],
    });
    const { request } = await client.call("request.file", { auth, kind: "access", text: "?" });
    const { erasure } = await client.call("face.remove", { auth, person });
    const origin = "http://localhost:1880";
    const { options } = await client.call("passkey.prepare", { auth, origin });
    const key = new SoftPasskey(origin).create(options);
    const { id: passkey } = await client.call("passkey.add", { auth, response: key });
    const elsewhere = door === "unit-1" ? "main-gate" : "unit-1";
    const refused = await outcome(client, await act(elsewhere, "phone", { auth }), 1000);
    assert.equal(refused.code, "no-rights-here");
    const entries = refused.record!.index;
    const own = {
      persons: person,
      doors: door,
      consents: consent.id,
      passes: pass,
      requests: request.id,
      erasures: erasure,
      passkeys: passkey,
      entries,
    };
    return { person, auth, own };
  }
  const soon = () => {
    const now = api.clock.now().getTime();
    return { from: new Date(now).toISOString(), until: new Date(now + 3_600_000).toISOString() };
  };

  /** Asks, with everything else of the request in order and whoever asks' own. */
  async function ask(
    operation: Operation,
    { auth, own }: Pick<Household, "auth" | "own">,
    of?: { place: Place; id: string | number },
  ): Promise<{ status: number; text: string; denied: boolean }> {
    api.clock.pass(1000); // an enrolment a minute from one address, and the like
    const idOf = (place: Place): string | number => {
      if (of && of.place.in === place.in && of.place.name === place.name) return of.id;
      const kind = kindOf(operation, place)!;
      return own[kind] ?? missing(kind);
    };
    let path = operation.path;
    const query = new URLSearchParams();
    const known: Record<string, unknown> = { ...soon(), channel: "resident-page", notice, end: soon().until };
    for (const place of places(operation)) {
      if (kindOf(operation, place) === undefined) continue;
      if (place.in === "path") path = path.replace(`{${place.name}}`, String(idOf(place)));
      if (place.in === "query" && of?.place.name === place.name) query.set(place.name, String(idOf(place)));
      const needed = place.name === "door" || place.name === "doors" || of?.place.name === place.name;
      if (place.in === "body" && needed)
        known[place.name] = ({ type }: { type: string }) => (type === "array" ? [idOf(place)] : idOf(place));
    }
    path = path.replace(/\{\w+\}/, "notice");
    const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(2000, 7)]);
    const form = new FormData();
    form.append("frames", new Blob([jpeg]), "frame.jpg");
    const { body, upload, method } = operation;
    const answer = await fetch(`${api.url}${path}${query.size > 0 ? `?${query}` : ""}`, {
      method,
      headers: {
        authorization: `Bearer ${auth}`,
        ...(body
          ? { "content-type": "application/json" }
          : upload === "image/jpeg"
            ? { "content-type": upload }
            : {}),
      },
      ...(body ? { body: JSON.stringify(sample(body, known)) } : {}),
      ...(upload ? { body: upload === "image/jpeg" ? jpeg : form } : {}),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      text,
      denied: answer.status >= 400 || text.includes('"outcome":"denied"'),
    };
  }
  const missing = (kind: string): string | number =>
    nothing[kind] ??
    `${kind.replace(/(sse|e)?s$/, (_, e) => (e === "sse" ? "ss" : (e ?? "")))}_0000000000000000`;

  const cases = all.flatMap((operation) =>
    places(operation).flatMap((place) => {
      const kind = kindOf(operation, place);
      return kind === undefined ? [] : [{ operation, place, kind, name: `${operation.name} ${place.name}` }];
    }),
  );
  const may = ({ roles }: Operation, role: string) =>
    roles === "public" || roles === "signed-in" || roles.includes(role);

  it("has a case for every path with an id, and names no exemption in vain", () => {
    const names = new Set(cases.map(({ name }) => name));
    for (const { path, name } of all) if (path.includes("{id}")) assert.ok(names.has(`${name} id`), name);
    for (const name of Object.keys({ ...exempt, ...toNobody })) assert.ok(names.has(name), name);
    for (const { operation, kind, name } of cases)
      if (may(operation, "resident") && !(name in exempt) && !(name in toNobody))
        assert.ok(kind in victim.own, `${name}: nobody has ${kind}`);
  });

  it("is refused to a resident, and as if there were none", async () => {
    const told: string[] = [];
    for (const { operation, place, kind, name } of cases) {
      if (name in exempt) continue;
      const somebodys = await ask(operation, stranger, { place, id: victim.own[kind] ?? missing(kind) });
      const nobodys = await ask(operation, stranger, { place, id: missing(kind) });
      const open = may(operation, "resident");
      // where doors are, everybody sees
      if (kind === "doors" && open ? !somebodys.denied : somebodys.status !== 403 && somebodys.status !== 404)
        told.push(`${name}: ${somebodys.status} ${somebodys.text.slice(0, 200)}`);
      if (!open) assert.match(somebodys.text, /"code":"not-allowed"/, name);
      if (kind === "doors" && open) continue;
      assert.deepEqual(somebodys, nobodys, name);
    }
    assert.deepEqual(told, []);
  });

  it("is refused among staff where it is of one account", async () => {
    for (const { operation, place, kind, name } of cases.filter(
      ({ operation }) => operation.roles === "signed-in",
    )) {
      const asked = (id: string | number) => ask(operation, { auth: guard, own: {} }, { place, id });
      const [somebodys, nobodys] = [await asked(victim.own[kind]!), await asked(missing(kind))];
      assert.equal(somebodys.status, 404, name);
      assert.deepEqual(somebodys, nobodys, name);
    }
  });

  it("is not refused to whose it is", async () => {
    const told: string[] = [];
    for (const { operation, place, kind, name } of cases) {
      if (name in exempt || !may(operation, "resident")) continue;
      const owner = await household("main-gate");
      const { status, text, denied } = await ask(operation, owner, {
        place,
        id: owner.own[kind] ?? missing(kind),
      });
      if (name in toNobody) assert.equal(status, 403, name);
      // the pictures are none, and perhaps nobody could look at them: that is found out after whose face it is
      // and what was never revoked has no way back
      else if (denied && !/"code":"(models-missing|camera-bad-picture|undo-over)"/.test(text))
        told.push(`${name}: ${status} ${text.slice(0, 200)}`);
    }
    assert.deepEqual(told, []);
  });
});
