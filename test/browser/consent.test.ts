import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { operatorAuth } from "../../vault/protocol/common.ts";
import { change, flow, lane } from "../core/policy/build.ts";
import { estate, tokenFor } from "../vault/rig.ts";
import { haveChromium, launch, picture, violations } from "./chromium.ts";
import { showWidget, type VaultStand, vaultStand } from "./vault-stand.ts";
import { type Words, wordsIn } from "./words.ts";

const password = "violet anchor mosaic 12";
const texts = (of: string) => ({
  "zh-CN": `${of}人脸告知书\n\n1. 您的选择\n\n- 随时可以撤回\n`,
  "zh-TW": `${of}人臉告知書\n\n1. 您的選擇\n\n- 隨時可以撤回\n`,
  "en-US": `Faces at ${of}\n\n1. Your choice\n\n- You may withdraw at any time\n`,
});

/** Two notices: one for the gate and the garage together, one for the unit door. */
function site() {
  const { doors: [gate, unit] = [], ...rest } = estate();
  return {
    ...rest,
    doors: [gate!, { ...gate!, id: "garage", name: "Garage" }, { ...unit!, name: "Unit 1" }],
    notices: [
      {
        method: "face" as const,
        doors: ["main-gate", "garage"],
        material: "a".repeat(64),
        texts: texts("A"),
      },
      { method: "face" as const, doors: ["unit-1"], material: "b".repeat(64), texts: texts("B") },
    ],
  };
}

/** The same doors as the sheet is made from. */
const running = change(
  flow(
    lane("main-gate", ["card", "face"]),
    lane("garage", ["card", "face"]),
    lane("unit-1", ["card", "face"]),
  ),
  { "unit-1-face": { mode: "1:1" } },
);

describe("asking for a consent, and not asking again", () => {
  let s: VaultStand;
  let browser: Browser | undefined;
  let root = "";
  let auth = "";

  before(async () => {
    if (!haveChromium) return;
    s = await vaultStand({ flow: running });
    root = `http://localhost:${s.port}`;
    browser = await launch();
    await s.rig.client.call("configure", site());
    auth = await tokenFor(s.rig);
    for (const [name, role] of [
      ["Wu", "desk"],
      ["Shen", "guard"],
    ] as const)
      await s.rig.operator.call("staff.add", { auth: operatorAuth, name, role, password });
  });
  beforeEach(function () {
    if (!browser) this.skip();
    s.forward(3_600_000); // limits by address refill
  });
  after(async () => {
    await browser?.close();
    await s?.close();
  });

  const person = async (name: string): Promise<string> =>
    (await s.rig.client.call("person.create", { auth, name })).id;
  const states = async (id: string) =>
    (await s.rig.client.call("consent.list", { auth, person: id, purpose: "rights-request" })).consents.map(
      ({ state, channel, doors }) => `${state} ${channel} ${doors.join(" ")}`,
    );

  async function open(locale: "zh-CN" | "en-US", width: number): Promise<Page> {
    const context = await browser!.newContext({ locale, viewport: { width, height: 800 } });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    return page;
  }
  async function ownPage(id: string): Promise<Page> {
    const { invitation } = await s.rig.client.call("resident.invite", { auth, person: id });
    const page = await open("zh-CN", 360);
    await page.goto(`${root}/me#${invitation}`);
    await page.waitForSelector("#inside:not([hidden])");
    return page;
  }
  async function office(widget: string, account = "Wu"): Promise<Page> {
    const page = await open("en-US", 1280);
    await page.goto(`${root}/sign-in`);
    await page.evaluate(
      async ([name, password]) => {
        await fetch("/api/v1/session", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ name, password }),
        });
      },
      [account, password],
    );
    await showWidget(page, root, widget);
    return page;
  }
  async function desk(name: string): Promise<{ page: Page; t: Words; press(key: string): Promise<void> }> {
    const t = wordsIn("en-US");
    const page = await office("consent");
    await page.getByLabel(t("widgets.name-or-flat")).fill(name);
    const press = (key: string) =>
      page
        .getByRole("button", { name: t(key), exact: true })
        .first()
        .click();
    await press("desk.find");
    await press("widgets.to-consent");
    await page.locator(".sitting").waitFor();
    return { page, t, press };
  }

  it("asks on one's own page a notice at a time, with two equal answers and nothing ticked", async () => {
    const id = await person("王芳");
    const page = await ownPage(id);
    assert.equal(await page.locator("#asking .question").count(), 2);
    const boxes = page.locator("#asking input[type=checkbox]");
    assert.deepEqual(await boxes.evaluateAll((all) => all.map((one) => (one as HTMLInputElement).checked)), [
      false,
      false,
    ]);
    for (const row of await page.locator("#asking .answers").all()) {
      const [yes, no] = await row.locator("button").all();
      const [a, b] = [await yes!.boundingBox(), await no!.boundingBox()];
      assert.deepEqual([a!.width, a!.height], [b!.width, b!.height]);
    }
    assert.deepEqual(await violations(page), []);
    await picture(page, "me-consent-asked");
    await page.locator(".give").first().click(); // no door was ticked: nothing is given
    await page.waitForSelector("#face-say[data-kind=warn]");
    assert.deepEqual(await states(id), []);
    await page.getByLabel("Garage").check();
    await page.locator(".give").first().click();
    await page.waitForSelector("#face-say[data-kind=good]");
    assert.deepEqual(await states(id), ["given resident-page garage"]);
    assert.equal(await page.locator(".give:visible").count(), 0, "what is left is not asked");
    await page.click("#starting summary");
    await page.locator(".question", { hasText: "Unit 1" }).locator(".give").click();
    await page.waitForFunction(() => document.querySelectorAll("#agreed .withdraw").length === 2);
    assert.deepEqual(await states(id), ["given resident-page garage", "given resident-page unit-1"]);
    await picture(page, "me-consent-given");
    await page.locator("#agreed .withdraw").first().click(); // one press, no tick
    await page.waitForFunction(() => document.querySelectorAll("#agreed .withdraw").length === 1);
    assert.deepEqual(await states(id), ["withdrawn resident-page garage", "given resident-page unit-1"]);
    await page.context().close();
  });

  it("does not ask again on one's own page after a no, and lets one start oneself", async () => {
    const id = await person("李红");
    const page = await ownPage(id);
    await page.locator("#asking .refuse").first().click();
    await page.waitForSelector("#face-say[data-kind=good]");
    for (let visit = 0; visit < 3; visit++) {
      await page.reload();
      await page.waitForSelector("#inside:not([hidden])");
      assert.equal(await page.locator(".notice:visible, .give:visible, .refuse:visible").count(), 0);
      assert.match((await page.textContent("#face-state")) ?? "", /\d{4}年\d+月\d+日之前/);
    }
    await picture(page, "me-consent-refused");
    await page.click("#starting summary");
    assert.equal(await page.locator(".refuse:visible").count(), 0);
    assert.deepEqual(await violations(page), []);
    await page.locator(".question", { hasText: "Unit 1" }).locator(".give").click();
    await page.waitForSelector("#agreed .withdraw");
    assert.deepEqual(await states(id), ["refused resident-page ", "given resident-page unit-1"]);
    await page.context().close();
  });

  it("asks at the desk once; after a no only the resident's own start is left: the phone, or a signature", async () => {
    const id = await person("Mrs Zhao");
    const { page, t, press } = await desk("Mrs Zhao");
    await page.locator(".question").nth(1).waitFor();
    await picture(page, "desk-consent-asked");
    assert.deepEqual(await violations(page, ".limen-widget"), []);
    await press("desk.refuse");
    await page.locator(".refused").waitFor();
    await page.context().close();

    const again = await desk("Mrs Zhao");
    const words = (await again.page.locator(".refused").textContent()) ?? "";
    assert.match(words, /Nobody may ask before \w+ \d+, \d{4}/);
    for (const key of ["desk.give-consent", "desk.refuse"])
      assert.equal(await again.page.getByRole("button", { name: t(key), exact: true }).count(), 0, key);
    assert.equal(await again.page.locator(".notice:visible").count(), 0);
    await again.page.locator(".starting > summary").click();
    const gate = again.page.locator(".question").first();
    await gate.getByLabel("Main gate").check();
    await gate.locator(".paper summary").click();
    const sheet = await gate.getByRole("link", { name: t("widgets.paper-print") }).getAttribute("href");
    const answer = await again.page.request.get(`${root}${sheet!.replace("pdf", "text")}`);
    assert.equal(answer.status(), 200);
    assert.match(
      await answer.text(),
      /version 1\.0, fingerprint[\s\S]*\[ \] Door main-gate\n\[ \] Door garage/,
    );
    assert.deepEqual(await violations(again.page, ".limen-widget"), []);
    await picture(again.page, "desk-consent-refused");
    await gate.getByRole("button", { name: t("widgets.paper-signed") }).click();
    await again.page.getByRole("link", { name: t("desk.download") }).waitFor();
    assert.deepEqual(await states(id), ["refused desk ", "given paper main-gate"]);
    const { log } = s.rig.vault.services;
    const seen = log.query({ classes: ["configuration"], subject: id, limit: 20 });
    assert.ok(seen.some(({ fields }) => fields?.what === "consent-on-paper"));
    await picture(again.page, "desk-consent-given");
    await again.page.context().close();
  });

  it("sees at the desk what was answered on the resident's own phone", async () => {
    const id = await person("Mr Qian");
    const { page, t } = await desk("Mr Qian");
    await page.locator(".own-phone summary").click();
    await page.getByRole("button", { name: t("widgets.own-phone-show") }).click();
    await page.getByAltText(t("desk.invitation")).waitFor();
    await picture(page, "desk-own-phone");
    const phone = await ownPage(id);
    await phone.locator(".question", { hasText: "Unit 1" }).locator(".give").click();
    await phone.waitForSelector("#agreed .withdraw");
    await page.getByRole("button", { name: t("widgets.own-phone-look") }).click();
    await page.getByRole("button", { name: t("desk.withdraw-now") }).waitFor();
    assert.deepEqual(await states(id), ["given resident-page unit-1"]);
    await phone.context().close();
    await page.context().close();
  });

  it("blocks a code that several share at the desk, seen from the household and from all", async () => {
    const id = await person("Ms Sun");
    const { id: room } = await s.rig.client.call("code.share", {
      auth,
      kind: "room",
      members: [id],
      doors: ["main-gate", "garage"],
    });
    const validUntil = new Date(Date.now() + 40 * 86_400_000).toISOString();
    const door = { auth, kind: "door" as const, members: [], doors: ["unit-1"], validUntil };
    await s.rig.client.call("code.share", door);
    const t = wordsIn("en-US");
    const page = await office("residents");
    const all = page.locator(".shared-codes").last();
    await all.locator("summary").click();
    await all.locator(".things li").nth(1).waitFor();
    await page.getByLabel(t("widgets.name-or-flat")).fill("Ms Sun");
    await page.getByRole("button", { name: t("desk.find"), exact: true }).click();
    await page.getByRole("button", { name: t("widgets.look"), exact: true }).click();
    await page.locator(".shared-codes").nth(1).waitFor({ state: "attached" }); // hers comes before everybody's
    const hers = page.locator(".shared-codes").first();
    await hers.locator("summary").click();
    await hers.locator(".things li", { hasText: "Main gate" }).waitFor();
    assert.equal(await hers.locator(".things li").count(), 1, "the door's own code is not hers");
    assert.deepEqual(await violations(page, ".limen-widget"), []);
    await picture(page, "desk-shared-codes");
    await hers.getByRole("button", { name: t("widgets.code-block") }).click();
    await hers.locator(".say[data-kind=good]").waitFor();
    const { codes } = await s.rig.client.call("code.list", { auth });
    assert.equal(codes.find((code) => code.id === room)?.state, "blocked");
    await page.context().close();
  });

  it("takes back what was blocked by a slip, in place, and lets a guard block a card unseen", async () => {
    const id = await person("Ms Qian");
    const card = { auth, person: id, kind: "card" as const, notation: "8H10D", number: "0040856634" };
    const { id: made } = await s.rig.client.call("credential.issue", card);
    const state = () => s.rig.vault.services.credentials.read(made).state;
    const t = wordsIn("en-US");
    const page = await office("residents");
    await page.getByLabel(t("widgets.name-or-flat")).fill("Ms Qian");
    await page.getByRole("button", { name: t("desk.find"), exact: true }).click();
    await page.getByRole("button", { name: t("widgets.look"), exact: true }).click();
    await page.getByRole("button", { name: t("widgets.block"), exact: true }).click();
    const undo = page.getByRole("button", { name: t("shared.undo"), exact: true });
    await undo.waitFor();
    assert.equal(state(), "blocked");
    assert.deepEqual(await violations(page, ".limen-widget"), []);
    await picture(page, "desk-undo");
    await undo.click();
    await page.getByText(t("shared.undone")).waitFor();
    assert.equal(state(), "active");
    await page.context().close();

    const wall = await office("door-wall", "Shen");
    const lost = wall.locator(".lost-card");
    await lost.locator("summary").click();
    await lost.getByLabel(t("shared.name")).fill("ms qian");
    assert.deepEqual(await violations(wall, ".limen-widget"), []);
    await lost.getByRole("button", { name: t("widgets.block"), exact: true }).click();
    await lost.locator(".say[data-kind=good]").waitFor();
    assert.equal(state(), "blocked");
    assert.equal(await wall.getByRole("button", { name: t("shared.undo") }).count(), 0);
    await picture(wall, "guard-lost-card");
    await wall.context().close();

    // of a layout the installer named: its holder types it as the desk does
    const again = { ...card, notation: "SITE", number: "12+20:3456,123456" };
    await s.rig.client.call("credential.issue", again);
    s.forward(8 * 86_400_000);
    const phone = await ownPage(id);
    await phone.getByText("Shen", { exact: false }).first().waitFor();
    assert.match((await phone.textContent("#looked")) ?? "", /Shen.*停用了您的一张卡/);
    assert.match((await phone.textContent("#looked")) ?? "", /给您发了一张卡/);
    // the desk's link shows doors from now on, and the rest to whoever has her card as well
    await phone.click("#doors-earlier summary");
    await phone.selectOption("#confirm-written", "8H10D");
    await phone.fill("#confirm-number", card.number); // the one that is blocked
    await phone.click("#confirm");
    await phone.waitForSelector("#confirm-say[data-kind=bad]");
    assert.deepEqual(await violations(phone), []);
    await picture(phone, "me-earlier");
    await phone.selectOption("#confirm-written", again.notation);
    await phone.fill("#confirm-number", again.number);
    await phone.click("#confirm");
    await phone.waitForSelector("#confirm-say[data-kind=good]");
    assert.equal(await phone.isVisible("#doors-earlier"), false);
    await phone.context().close();
  });
});
