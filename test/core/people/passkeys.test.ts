import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Challenges } from "../../../core/people/challenges.ts";
import { type Holder, Passkeys } from "../../../core/people/index.ts";
import { partyOf } from "../../../core/people/party.ts";
import { truncateWal } from "../../../core/store/database.ts";
import { handClock } from "../hand-clock.ts";
import { openPeople } from "./site.ts";
import { SoftPasskey } from "./soft-passkey.ts";

const origin = "https://doors.example.org";
const session = "ls_of-this-session";

describe("passkeys", () => {
  let clock = handClock();
  let site: ReturnType<typeof openPeople>;
  let keys: Passkeys;
  let staff: Holder & { staff: string };
  let resident: Holder & { person: string };
  const open = (addresses = [origin]) =>
    new Passkeys({ db: site.db, clock, secret: Buffer.alloc(32, 9), site: addresses });

  beforeEach(async () => {
    clock = handClock();
    site = openPeople(clock);
    keys = open();
    staff = {
      staff: await site.accounts.add({ name: "Chen", role: "desk", password: "violet anchor mosaic" }),
    };
    resident = { person: site.persons.create({ name: "王芳" }) };
  });
  afterEach(() => site.remove());

  const give = async (holder: Holder = staff, key = new SoftPasskey(origin)) => {
    const options = await keys.registration({ holder, name: "Chen", session, origin });
    const id = await keys.register({ holder, label: "desk PC", session, response: key.create(options) });
    return { key, id };
  };

  it("ask for a discoverable credential with user verification, no attestation, under the site's own name", async () => {
    await give();
    const options = JSON.parse(await keys.registration({ holder: staff, name: "Chen", session, origin }));
    assert.equal(options.rp.id, "doors.example.org");
    assert.equal(options.attestation, "none");
    assert.equal(options.authenticatorSelection.residentKey, "required");
    assert.equal(options.authenticatorSelection.userVerification, "required");
    assert.equal(options.excludeCredentials.length, 1);
    assert.ok(!options.user.id.includes(Buffer.from(staff.staff).toString("base64url").slice(0, 12)));
    const request = JSON.parse(await keys.request({ origin }));
    assert.equal(request.userVerification, "required");
    assert.equal(request.allowCredentials, undefined); // says nothing of who has one
  });

  it("sign in whoever made them, staff and residents, across a restart", async () => {
    const of = new Map<Holder, SoftPasskey>();
    for (const holder of [staff, resident]) of.set(holder, (await give(holder)).key);
    site.close();
    site = openPeople(clock, site.dir);
    keys = open();
    for (const [holder, key] of of)
      assert.deepEqual((await keys.check(key.get(await keys.request({ origin })))).holder, holder);
    const signed = site.signIn.openFor(resident);
    assert.equal(signed.person, resident.person);
    assert.equal(signed.role, "resident");
  });

  it("keep of a resident no name for it, and of nobody anything that opens a session", async () => {
    const { key } = await give(resident);
    assert.equal(keys.book.list(resident)[0]?.label, "");
    truncateWal(site.db);
    const bytes = readFileSync(join(site.dir, "people.db"));
    assert.ok(!bytes.includes("desk PC"));
    assert.ok(!bytes.includes(key.userHandle));
  });

  it("refuse what was signed for another site, another type, or without the user's own yes", async () => {
    const { key } = await give();
    const lies: [string, Parameters<SoftPasskey["get"]>[1]][] = [
      ["passkey-elsewhere", { origin: "https://doors.example.org.evil.example" }],
      ["passkey-elsewhere", { origin: "http://doors.example.org" }],
      ["passkey-elsewhere", { origin: "null" }],
      ["passkey-failed", { rp: "example.org" }],
      ["passkey-failed", { flags: 0x01 }],
      ["passkey-failed", { flags: 0x04 }],
      ["passkey-failed", { type: "webauthn.create" }],
      ["passkey-failed", { userHandle: null }],
      ["passkey-failed", { userHandle: Buffer.alloc(32, 1) }],
      ["passkey-late", { challenge: Buffer.alloc(38).toString("base64url") }],
    ];
    for (const [code, lie] of lies)
      await assert.rejects(
        keys.check(key.get(await keys.request({ origin }), lie)),
        { code },
        JSON.stringify(lie),
      );
    await keys.check(key.get(await keys.request({ origin })));
  });

  it("refuse an answer twice, one to another question, one of another session and one that comes late", async () => {
    const { key } = await give();
    const options = await keys.request({ origin });
    await keys.check(key.get(options));
    await assert.rejects(keys.check(key.get(options)), { code: "passkey-late" });
    const proof = { holder: staff, session };
    const asked = await keys.request({ origin, proof });
    await assert.rejects(keys.check(key.get(asked)), { code: "passkey-late" }, "a proof does not sign in");
    await assert.rejects(
      keys.check(key.get(await keys.request({ origin })), proof),
      { code: "passkey-late" },
      "a sign-in proves nothing",
    );
    await assert.rejects(
      keys.check(
        key.get(await keys.request({ origin, proof: { holder: staff, session: "another" } })),
        proof,
      ),
      { code: "passkey-late" },
    );
    const slow = await keys.request({ origin });
    clock.pass(5 * 60_000 + 1);
    await assert.rejects(keys.check(key.get(slow)), { code: "passkey-late" });
    await assert.rejects(open().check(key.get(await keys.request({ origin }))), { code: "passkey-late" });
  });

  it("prove only oneself", async () => {
    const { key } = await give();
    const other = {
      staff: await site.accounts.add({ name: "Wu", role: "manager", password: "violet anchor mosaic" }),
    };
    const { key: theirs } = await give(other);
    const proof = { holder: staff, session };
    await assert.rejects(keys.check(theirs.get(await keys.request({ origin, proof })), proof), {
      code: "passkey-failed",
    });
    // an authenticator that was named need not say whose it is
    await keys.check(key.get(await keys.request({ origin, proof }), { userHandle: null }), proof);
    await assert.rejects(keys.request({ origin, proof: { holder: resident, session } }), {
      code: "passkey-none",
    });
  });

  it("refuse a signature of another key, a stranger's passkey and one that is known already", async () => {
    const { key } = await give();
    const stranger = new SoftPasskey(origin);
    stranger.userHandle = key.userHandle;
    await assert.rejects(keys.check(stranger.get(await keys.request({ origin }))), {
      code: "passkey-failed",
    });
    key.id.copy(stranger.id);
    await assert.rejects(keys.check(stranger.get(await keys.request({ origin }))), {
      code: "passkey-failed",
    });
    await assert.rejects(give(resident, key), { code: "passkey-failed" });
    assert.equal(keys.book.list(resident).length, 0);
  });

  it("tell a copy by its counter going back, whoever signs badly notwithstanding", async () => {
    const { key, id } = await give();
    await keys.check(key.get(await keys.request({ origin })));
    await keys.check(key.get(await keys.request({ origin }), { counter: 40 }));
    for (const counter of [40, 39, 0])
      await assert.rejects(keys.check(key.get(await keys.request({ origin }), { counter })), {
        code: "passkey-copied",
        params: { passkey: id },
      });
    const forger = new SoftPasskey(origin);
    key.id.copy(forger.id);
    forger.userHandle = key.userHandle;
    await assert.rejects(
      keys.check(forger.get(await keys.request({ origin }), { counter: 1 })),
      { code: "passkey-failed" },
      "a number nobody signed accuses nobody",
    );
    key.counter = 40;
    await keys.check(key.get(await keys.request({ origin })));
  });

  it("are named, removed and forgotten by their holder alone; a reset takes them all", async () => {
    const { id, key } = await give();
    keys.book.rename(staff, id, "tablet");
    assert.deepEqual(
      keys.book.list(staff).map(({ label }) => label),
      ["tablet"],
    );
    assert.throws(() => keys.book.rename(resident, id, "mine"), { code: "passkey-unknown" });
    assert.throws(() => keys.book.remove(resident, id), { code: "passkey-unknown" });
    await site.accounts.resetPassword(staff.staff);
    await assert.rejects(keys.check(key.get(await keys.request({ origin }))), { code: "passkey-failed" });
    for (let n = 0; n < 10; n += 1) await give(resident);
    await assert.rejects(give(resident), { code: "passkeys-enough" });
    assert.equal(keys.book.forget(resident), 10);
  });

  it("go with the person, and with an account that ended", async () => {
    const { key } = await give(resident);
    site.persons.erase(resident.person);
    await assert.rejects(keys.check(key.get(await keys.request({ origin }))), { code: "passkey-failed" });
    await site.accounts.add({ name: "Wu", role: "manager", password: "violet anchor mosaic" });
    await give(staff);
    site.accounts.disable(staff.staff);
    assert.equal(keys.book.list(staff).length, 0);
    assert.throws(() => site.signIn.openFor(staff), { code: "sign-in-failed" });
  });

  it("let a resident without one go on as fresh, and ask for it once there is one", async () => {
    const { auth } = site.signIn.accept(site.signIn.invite(resident.person).invitation, "10.0.0.1");
    clock.pass(11 * 60_000);
    assert.equal(site.signIn.check(auth).fresh, true);
    await give(resident);
    assert.equal(site.signIn.check(auth).fresh, false);
  });

  it("take nonsense for an answer without a fault", async () => {
    for (const text of [
      "",
      "null",
      "[]",
      "{}",
      '{"id":7}',
      '{"id":"AA","response":{"clientDataJSON":"e30"}}',
      "x",
    ])
      await assert.rejects(keys.check(text), /LimenError/, text);
  });
});

describe("where passkeys work", () => {
  it("is the site's own address, and without one the box itself", () => {
    assert.deepEqual(partyOf("https://doors.example.org", [origin]), { rp: "doors.example.org", origin });
    assert.deepEqual(partyOf("http://localhost:1880", []), {
      rp: "localhost",
      origin: "http://localhost:1880",
    });
    for (const from of [
      "http://localhost:1880",
      "https://doors.example.org:8443",
      "https://evil.example",
      "x",
      "",
    ])
      assert.throws(() => partyOf(from, [origin]), {
        code: "passkey-elsewhere",
        params: { address: origin },
      });
    for (const from of ["http://127.0.0.1:1880", "http://192.168.1.4:1880", "https://doors.local:1880"])
      assert.throws(() => partyOf(from, []), {
        code: "passkey-no-address",
        params: { address: "http://localhost:1880" },
      });
  });
});

describe("challenges", () => {
  it("are good once, for their purpose, for five minutes, and unlike each other", () => {
    const clock = handClock();
    const challenges = new Challenges(clock);
    const [one, two] = [challenges.issue("a"), challenges.issue("a")].map((each) =>
      Buffer.from(each).toString("base64url"),
    );
    assert.notEqual(one, two);
    assert.equal(challenges.use(one!, "b"), false);
    assert.equal(challenges.use(one!, "a"), true);
    assert.equal(challenges.use(one!, "a"), false);
    assert.equal(challenges.use(`${two!.slice(0, -2)}AA`, "a"), false);
    assert.equal(new Challenges(clock).use(two!, "a"), false);
    clock.pass(5 * 60_000 + 1);
    assert.equal(challenges.use(two!, "a"), false);
  });
});
