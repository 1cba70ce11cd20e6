import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hashSecret, verifySecret } from "../../../core/people/phc.ts";
import { truncateWal } from "../../../core/store/database.ts";
import { handClock } from "../hand-clock.ts";
import { openPeople } from "./site.ts";

describe("sign-in", () => {
  let clock = handClock();
  let site: ReturnType<typeof openPeople>;
  const password = "violet anchor mosaic 12";
  beforeEach(() => {
    clock = handClock();
    site = openPeople(clock);
  });
  afterEach(() => site.remove());

  const staff = async (name = "Chen", role: "desk" | "manager" = "desk") =>
    await site.accounts.add({ name, role, password });
  const open = async (name = "Chen", given = password, address = "10.0.0.1") =>
    await site.signIn.open({ name, password: given, address });

  it("makes one manager, once, with a password that is used once before it counts as seen", async () => {
    const made = await site.accounts.createFirstManager();
    assert.ok(made);
    assert.match(made.password, /^([0-9a-z]{4}-){4}[0-9a-z]{4}$/);
    assert.equal(await site.accounts.createFirstManager(), undefined);
    assert.equal(site.accounts.list()[0]?.firstRun, true);
    const session = await open(made.name, made.password);
    assert.equal(session.role, "manager");
    assert.match(session.auth, /^ls_[0-9a-z]{52}$/);
    assert.equal(site.accounts.list()[0]?.firstRun, false);
  });

  it("says the same for a wrong name and a wrong password", async () => {
    await staff();
    await assert.rejects(open("Chen", "wrong password wrong"), { code: "sign-in-failed", status: 401 });
    await assert.rejects(open("Nobody"), { code: "sign-in-failed", status: 401 });
    assert.equal((await open("CHEN ")).name, "Chen");
  });

  it("lets a session rest after 15 idle minutes, ends it after 8 hours, sign-out, a disabled account or a clock set back", async () => {
    const id = await staff();
    await staff("Wu", "manager");
    let { auth } = await open();
    for (let quarter = 0; quarter < 33; quarter += 1) {
      clock.pass(14 * 60_000);
      assert.equal(site.signIn.check(auth).kind, "session");
    }
    clock.pass(14 * 60_000);
    assert.equal(site.signIn.see(auth, { touch: false }).kind, "session");
    clock.pass(14 * 60_000);
    assert.throws(() => site.signIn.check(auth), { code: "not-signed-in" }, "8 hours");
    ({ auth } = await open());
    clock.pass(15 * 60_000 + 1);
    assert.throws(() => site.signIn.check(auth), { code: "session-rests" }, "idle");
    assert.equal(site.signIn.see(auth, { touch: true }).resting, true, "and looking does not wake it");
    assert.throws(() => site.signIn.check(auth), { code: "session-rests" });
    clock.pass(8 * 3600_000);
    assert.throws(() => site.signIn.see(auth, { touch: false }), { code: "not-signed-in" }, "8 hours");
    ({ auth } = await open());
    clock.set(new Date(clock.now().getTime() - 3600_000));
    assert.throws(() => site.signIn.check(auth), { code: "not-signed-in" }, "clock");
    ({ auth } = await open());
    site.signIn.close(auth);
    assert.throws(() => site.signIn.check(auth), { code: "not-signed-in" }, "closed");
    ({ auth } = await open());
    site.accounts.disable(id);
    assert.throws(() => site.signIn.check(auth), { code: "not-signed-in" }, "disabled");
    await assert.rejects(open(), { code: "sign-in-failed" });
  });

  it("is idle by the monotonic clock too", async () => {
    await staff();
    const { auth } = await open();
    const then = clock.now();
    clock.pass(16 * 60_000);
    clock.set(then);
    assert.throws(() => site.signIn.check(auth), { code: "session-rests" });
  });

  it("is not used by what only looks, also when that comes first after a restart", async () => {
    await staff();
    const { auth } = await open();
    clock.pass(10 * 60_000);
    site.close();
    site = openPeople(clock, site.dir);
    const then = clock.now();
    assert.equal(site.signIn.see(auth, { touch: false }).resting, undefined);
    clock.pass(6 * 60_000);
    clock.set(then);
    assert.throws(() => site.signIn.check(auth), { code: "session-rests" });
    const { auth: next } = site.signIn.renew(auth);
    assert.equal(site.signIn.check(next).fresh, true, "who proved it is back");
  });

  it("rests for staff alone: a resident's ends", () => {
    const person = site.persons.create({ name: "Resident" });
    const { auth } = site.signIn.accept(site.signIn.invite(person).invitation, "10.0.0.1");
    clock.pass(15 * 60_000 + 1);
    assert.throws(() => site.signIn.see(auth, { touch: true }), { code: "not-signed-in" });
  });

  it("survives a restart, and the file holds neither session nor token nor password", async () => {
    await staff();
    const { auth } = await open();
    const { token } = site.signIn.createToken({ role: "auditor", label: "meter", days: 30 });
    truncateWal(site.db);
    const bytes = readFileSync(join(site.dir, "people.db"));
    for (const secret of [auth, auth.slice(3), token, token.slice(3), password])
      assert.ok(!bytes.includes(secret));
    site.close();
    site = openPeople(clock, site.dir);
    assert.equal(site.signIn.check(auth).name, "Chen");
    const expires = new Date(clock.now().getTime() + 30 * 24 * 3600_000).toISOString();
    assert.deepEqual(site.signIn.check(token), {
      id: site.signIn.check(token).id,
      role: "auditor",
      name: "meter",
      expires,
      until: expires,
      kind: "token",
      fresh: true,
    });
  });

  it("is fresh for ten minutes, by both clocks, and again after the password, under another secret", async () => {
    await staff();
    const { auth } = await open();
    assert.equal(site.signIn.check(auth).fresh, true);
    const then = clock.now();
    clock.pass(10 * 60_000 + 1);
    assert.equal(site.signIn.check(auth).fresh, false);
    clock.set(then); // set back by less than a moment's doubt would end it, so the monotonic clock counts
    assert.equal(site.signIn.check(auth).fresh, false);
    await assert.rejects(site.signIn.prove(auth, "wrong password wrong", "10.0.0.1"), {
      code: "password-wrong",
      status: 403,
    });
    assert.equal(site.signIn.check(auth).fresh, false);
    await site.signIn.prove(auth, password, "10.0.0.1");
    const renewed = site.signIn.renew(auth);
    assert.notEqual(renewed.auth, auth);
    assert.equal(renewed.fresh, true);
    assert.throws(() => site.signIn.check(auth), { code: "not-signed-in" });
    assert.throws(() => site.signIn.renew(auth), { code: "not-signed-in" });
  });

  it("knows the account as fresh where another of its sessions proved itself", async () => {
    await staff();
    const { auth: editor } = await open();
    clock.pass(11 * 60_000);
    assert.equal(site.signIn.accountFresh(editor), false);
    await staff("Wu", "manager");
    await open("Wu");
    assert.equal(site.signIn.accountFresh(editor), false, "somebody else's");
    const { auth: page } = await open();
    assert.equal(site.signIn.check(editor).fresh, false);
    assert.equal(site.signIn.accountFresh(editor), true);
    site.signIn.close(page);
    assert.equal(site.signIn.accountFresh(editor), false);
  });

  it("stays stale over a restart, and is not prolonged by proving", async () => {
    await staff();
    const { auth } = await open();
    clock.pass(11 * 60_000);
    assert.equal(site.signIn.check(auth).fresh, false);
    site.close();
    site = openPeople(clock, site.dir);
    assert.equal(site.signIn.check(auth).fresh, false);
    let last = auth;
    for (let quarter = 0; quarter < 33; quarter += 1) {
      clock.pass(14 * 60_000);
      last = site.signIn.renew(last).auth;
    }
    clock.pass(14 * 60_000);
    assert.throws(() => site.signIn.check(last), { code: "not-signed-in" }, "8 hours in all");
  });

  it("slows down guessing a password in a stolen session, and nobody else", async () => {
    await staff();
    const { auth } = await open();
    for (let n = 0; n < 5; n += 1)
      await assert.rejects(site.signIn.prove(auth, "wrong password wrong", "10.0.0.9"), {
        code: "password-wrong",
      });
    await assert.rejects(site.signIn.prove(auth, password, "10.0.0.9"), { code: "try-later" });
    await site.signIn.prove(auth, password, "10.0.0.1");
  });

  it("revokes and expires tokens", () => {
    const { id, token } = site.signIn.createToken({ role: "desk", label: "script", days: 1 });
    assert.match(token, /^lt_[0-9a-z]{52}$/);
    clock.pass(24 * 3600_000);
    assert.throws(() => site.signIn.check(token), { code: "not-signed-in" });
    const other = site.signIn.createToken({ role: "desk", label: "script", days: 1 });
    site.signIn.revokeToken(other.id);
    assert.throws(() => site.signIn.check(other.token), { code: "not-signed-in" });
    site.signIn.revokeToken(id);
    assert.throws(() => site.signIn.revokeToken("token_0000000000000000"), { code: "token-unknown" });
    for (const auth of ["", "ls_", "lt_", "x".repeat(60)]) {
      assert.throws(() => site.signIn.check(auth), { code: "not-signed-in" });
    }
  });

  it("slows one address down without locking the owner of the name out", async () => {
    await staff();
    await open("Chen", password, "10.0.0.7");
    for (let time = 0; time < 5; time += 1) await assert.rejects(open("Chen", "bad bad bad bad", "6.6.6.6"));
    await assert.rejects(open("Chen", password, "6.6.6.6"), { code: "try-later", status: 429 });
    assert.equal((await open("Chen", password, "10.0.0.7")).name, "Chen");
    clock.pass(2000);
    await assert.rejects(open("Chen", "bad bad bad bad", "6.6.6.6"), { code: "sign-in-failed" });
    // many addresses at one account: strangers wait, the known address does not
    for (let time = 0; time < 25; time += 1) await assert.rejects(open("Chen", "bad", `7.7.7.${time}`));
    site.waits.length = 0;
    assert.equal((await open("Chen", password, "10.0.0.7")).name, "Chen");
    assert.deepEqual(site.waits, []);
    assert.equal((await open("Chen", password, "8.8.8.8")).name, "Chen");
    assert.deepEqual(site.waits, [2000]);
  });

  it("stops an address that tries many names, and lets an office sign in many times", async () => {
    for (let time = 0; time < 20; time += 1)
      await assert.rejects(open(`name ${time}`), { code: "sign-in-failed" });
    await assert.rejects(open("another"), { code: "try-later" });
    await staff();
    for (let time = 0; time < 30; time += 1) await open("Chen", password, "10.0.0.9");
  });

  it("changes a password: the present one is needed, a weak one is refused, other sessions end", async () => {
    const id = await staff();
    const one = await open();
    const two = await open();
    await assert.rejects(site.accounts.changePassword(id, "not it", "purple lantern 7 river"), {
      code: "password-wrong",
    });
    for (const weak of [
      "short",
      "aaaaaaaaaaaaaaaa",
      "abcdefghijklmnop",
      "chenchenchen1",
      "passwordpassword",
    ]) {
      await assert.rejects(site.accounts.changePassword(id, password, weak), { code: "password-weak" }, weak);
    }
    await site.accounts.changePassword(id, password, "purple lantern 7 river");
    site.signIn.closeOthers(id, one.auth);
    assert.equal(site.signIn.check(one.auth).name, "Chen");
    assert.throws(() => site.signIn.check(two.auth), { code: "not-signed-in" });
    await assert.rejects(open("Chen", password), { code: "sign-in-failed" });
  });

  it("keeps a last manager and unique names", async () => {
    const id = await staff("Only", "manager");
    assert.throws(() => site.accounts.disable(id), { code: "staff-last-manager" });
    await assert.rejects(staff("ONLY"), { code: "staff-name-taken" });
  });

  it("ends an account with its sessions and the tokens it made, and gives it back without them", async () => {
    const boss = await staff("Boss", "manager");
    const id = await staff("Wang", "manager");
    const session = await open("Wang", password);
    const own = site.signIn.createToken({ role: "desk", label: "kiosk", days: 30, staff: id });
    const others = [boss, undefined].map((by) =>
      site.signIn.createToken({
        role: "desk",
        label: "x",
        days: 30,
        ...(by === undefined ? {} : { staff: by }),
      }),
    );
    site.accounts.disable(id);
    for (const ended of [session.auth, own.token])
      assert.throws(() => site.signIn.check(ended), { code: "not-signed-in" });
    for (const { token } of others) assert.equal(site.signIn.check(token).role, "desk");
    await assert.rejects(open("Wang", password), { code: "sign-in-failed" });
    assert.throws(() => site.accounts.disable(boss), { code: "staff-last-manager" });
    const once = await site.accounts.enable(id);
    await assert.rejects(open("Wang", password), { code: "sign-in-failed" });
    assert.equal((await open("Wang", once)).name, "Wang");
    assert.throws(() => site.signIn.check(own.token), { code: "not-signed-in" });
  });

  it("lets a resident in by an invitation, once, for a day, as themselves only", () => {
    const person = site.persons.create({ name: "Resident" });
    const { invitation } = site.signIn.invite(person);
    const session = site.signIn.accept(invitation, "10.0.0.1");
    assert.deepEqual([session.role, session.person], ["resident", person]);
    assert.throws(() => site.signIn.accept(invitation, "10.0.0.1"), { code: "sign-in-failed" });
    const late = site.signIn.invite(person);
    clock.pass(24 * 3600_000);
    assert.throws(() => site.signIn.accept(late.invitation, "10.0.0.1"), { code: "sign-in-failed" });
    site.persons.erase(person);
    assert.throws(() => site.signIn.check(session.auth), { code: "not-signed-in" });
  });

  it("writes argon2id as a PHC string and reads one made elsewhere", async () => {
    const phc = await hashSecret("password");
    assert.match(phc, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    assert.ok(await verifySecret("password", phc));
    assert.ok(!(await verifySecret("Password", phc)));
    // not the last letter: two of its bits are padding, and another letter may stand for the same bytes
    const at = phc.length - 5;
    const other = phc[at] === "A" ? "B" : "A";
    assert.ok(!(await verifySecret("password", `${phc.slice(0, at)}${other}${phc.slice(at + 1)}`)));
    assert.ok(!(await verifySecret("password", "$argon2i$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAA")));
    // the reference implementation's own test: argon2id, t=2, m=64 MiB, p=1, "password", "somesalt"
    assert.ok(
      await verifySecret(
        "password",
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
      ),
    );
  });
});
