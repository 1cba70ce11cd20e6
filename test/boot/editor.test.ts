import assert from "node:assert/strict";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { packEntries, readCatalogue } from "../../core/faces/models.ts";
import { readCalibration, thresholdFor } from "../../core/faces/threshold.ts";
import { nodeTypes } from "../../scripts/build/sources.ts";
import { haveChromium, launch, picture } from "../browser/chromium.ts";
import { attemptOf } from "../nodes/fake-vault.ts";
import { houseNodes } from "../nodes/harness.ts";
import { type Booted, boot } from "./booted.ts";
import { StaffedVault } from "./staffed-vault.ts";

const types = nodeTypes(join(import.meta.dirname, "../.."));
const onCanvas = types.filter(
  (type) => !houseNodes.some((node) => node.type === type) && type !== "limen-bus",
);

/** One node of every type on a tab: as good as empty, which is what somebody sees first. */
const flow = [
  { id: "tab", type: "tab", label: "Every node" },
  ...houseNodes,
  { id: "bus", type: "limen-bus", kind: "osdp", port: "/dev/none", readers: [{ address: 5, quirks: [] }] },
  ...onCanvas.map((type, index) => ({
    id: `node-${index}`,
    type,
    z: "tab",
    x: 200 + 250 * (index % 3),
    y: 80 + 60 * Math.floor(index / 3),
    wires: [],
    ...(["relay-out", "guard-open", "door-watch"].includes(type) ? { door: "door" } : {}),
    ...(type === "guard-open" ? { wires: [["node-0"]] } : {}),
    ...(type === "entry-rule"
      ? { hours: [], holidays: [], holidayHours: [], timeZone: "Asia/Shanghai" }
      : {}),
  })),
];

/** What a text looks like that no catalogue has. */
const key = /\b[a-z-]+\.(label|option|hint|say)\.\S+/;

/** The part of the editor's global a test uses. */
interface Editor {
  nodes: { node(id: string): Record<string, unknown>; getType(type: string): object | null };
  editor: { edit(node: object): void; editConfig(name: string, type: string, id: string): void };
}
declare const RED: Editor;

describe("the editor in a browser", () => {
  let vault: StaffedVault;
  let red: Booted;
  let browser: Browser;
  /** Script errors and failed requests of the page that is open. */
  let errors: string[] = [];
  before(async () => {
    if (!haveChromium) return;
    vault = new StaffedVault();
    const models = packEntries(readCatalogue(), "core").map(({ entry }) => entry);
    const calibration = readCalibration(models)!;
    vault.answer("face.threshold", ({ risk, mode, people: wanted }) => {
      const people = mode === "1:1" ? 1 : (wanted ?? 12);
      const threshold = thresholdFor(calibration, { comparisons: people, risk });
      return { pack: "core", people, enrolled: 12, ...threshold, exact: calibration.exact };
    });
    await vault.start();
    [red, browser] = await Promise.all([boot({ socket: vault.socket, flow }), launch()]);
  });
  after(async () => {
    await browser?.close();
    await red?.stop();
    await vault?.remove();
  });

  const open = async (locale: string): Promise<Page> => {
    const context = await browser.newContext({ locale, viewport: { width: 1400, height: 1000 } });
    const page = await context.newPage();
    errors = [];
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => {
      // before the sign-in the editor asks once whether it is needed
      const asked = /\/settings(\?|$)/.test(message.location().url);
      if (message.type() === "error" && !asked) errors.push(`${message.text()} ${message.location().url}`);
    });
    await page.goto(`${red.url}/`);
    await page.fill("#node-dialog-login-username", "manager");
    await page.fill("#node-dialog-login-password", "a long enough password");
    await page.click("#node-dialog-login-submit");
    await page.waitForFunction(
      (wanted) =>
        typeof RED !== "undefined" &&
        wanted.every((type) => RED.nodes.getType(type)) &&
        RED.nodes.node("site"),
      types,
    );
    // trays that slide in cost seconds, and a click may land where something was
    await page.evaluate(() => Object.assign($.fx, { off: true }));
    await page.addStyleTag({ content: "* { transition: none !important; animation: none !important; }" });
    return page;
  };
  const edit = async (page: Page, id: string): Promise<void> => {
    await page.evaluate((wanted) => RED.editor.edit(RED.nodes.node(wanted)), id);
    await page.waitForSelector("#node-dialog-ok");
    await page.waitForSelector("#dialog-form .form-row");
  };
  const close = async (page: Page, button: string): Promise<void> => {
    await page.click(button);
    await page.waitForSelector(button, { state: "detached" });
  };
  const idOf = (type: string): string => `node-${onCanvas.indexOf(type)}`;

  // that the other languages have the same words is the house's test; one walk shows that a form finds them
  for (const locale of ["zh-TW"]) {
    it(`shows every form in ${locale}, without a script error and without a key nobody translated`, async function () {
      if (!haveChromium) this.skip();
      const page = await open(locale);
      const formText = async (): Promise<string> =>
        (await page.locator("#dialog-form, #node-config-dialog-edit-form").last().textContent()) ?? "";
      for (const type of onCanvas) {
        await edit(page, idOf(type));
        assert.deepEqual((await formText()).match(key), null, type);
        await close(page, "#node-dialog-cancel");
      }
      for (const { id, type } of houseNodes) {
        await page.evaluate(([kind, wanted]) => RED.editor.editConfig("", kind!, wanted!), [type, id]);
        await page.waitForSelector("#node-config-dialog-ok");
        assert.deepEqual((await formText()).match(key), null, type);
        await picture(page, `editor-${type}`);
        await close(page, "#node-config-dialog-cancel");
      }
      assert.deepEqual(errors, []);
      await page.context().close();
    });
  }

  it("offers those who are signed in to pair the readers of a running line, and says how each stands", async function () {
    if (!haveChromium) this.skip();
    for (const [path, method] of [
      ["/limen/osdp/bus", "GET"],
      ["/limen/osdp/bus/5/pair", "POST"],
    ] as const)
      assert.equal((await fetch(`${red.url}${path}`, { method })).status, 401, path);
    const page = await open("zh-TW");
    await page.evaluate(() => RED.editor.editConfig("", "limen-bus", "bus"));
    const form = page.locator("#node-config-dialog-edit-form"); // a form that is closing says the same
    const button = form.getByText("配對這台讀卡機");
    await button.waitFor();
    const text = (await form.textContent()) ?? "";
    assert.match(text, /5: 尚無金鑰/);
    assert.doesNotMatch(text, /limen-bus\.|pair\.state/);
    assert.deepEqual(errors, []);
    await page.context().close();
  });

  it("shows an installer what a device says, and opens for a test only after a warning, by name", async function () {
    if (!haveChromium) this.skip();
    for (const [path, method] of [
      ["", "GET"],
      ["/signal", "POST"],
      ["/open?confirm=gate-1", "POST"],
    ] as const) {
      const address = `${red.url}/limen/panel/${idOf("relay-out")}${path}`;
      assert.equal((await fetch(address, { method })).status, 401, path);
      const auditor = await red.signIn("auditor", "a long enough password");
      assert.ok(auditor);
      const headers = { authorization: `Bearer ${auditor}` };
      assert.equal((await fetch(address, { method, headers })).status, 401, `auditor ${path}`);
    }
    const attempt = attemptOf({ method: "guard" });
    vault.answer("door.test", () => attempt);
    vault.answer("attempt", () => ({
      ...attempt,
      outcome: "denied",
      code: "locked-down",
      record: { index: 1, origin: "limen.test/log" },
    }));
    const page = await open("zh-TW");
    await edit(page, idOf("door-watch"));
    const panel = page.locator("#dialog-form > .limen-sentences:last-child");
    await panel.getByText("顯示裝置目前狀態").click();
    await panel.getByText(/經由連線接收/).waitFor();
    await close(page, "#node-dialog-cancel");
    await edit(page, idOf("relay-out"));
    const usual = () => page.getAttribute("#node-input-topic", "placeholder");
    assert.equal(await usual(), "{door}/rpc");
    await page.selectOption("#node-input-drive", "tasmota");
    assert.equal(await usual(), "cmnd/{door}");
    await panel.getByText("顯示裝置目前狀態").click();
    const opens = panel.getByText("試開門", { exact: true });
    await opens.waitFor();
    const warnings: string[] = [];
    page.once("dialog", (dialog) => {
      warnings.push(dialog.message());
      void dialog.dismiss();
    });
    await opens.click();
    assert.match(warnings[0] ?? "", /Gate.*真的打開.*紀錄/s);
    assert.deepEqual(vault.requests("door.test"), []);
    page.once("dialog", (dialog) => void dialog.accept());
    await opens.click();
    await panel.getByText(/未開門：/).waitFor();
    await picture(page, "editor-test-panel");
    const [asked] = vault.requests("door.test");
    assert.equal(asked?.door, "gate-1");
    assert.match(asked?.auth ?? "", /^manager-/);
    assert.doesNotMatch((await panel.textContent()) ?? "", /panel\.|__|limen-editor/);
    assert.deepEqual(errors, []);
    await page.context().close();
  });

  it("says the rule in words while it is entered, and keeps it as typed values", async function () {
    if (!haveChromium) this.skip();
    const page = await open("zh-CN");
    await edit(page, idOf("entry-rule"));
    const words = page.locator(".limen-sentences");
    assert.match(await words.innerHTML(), /全天开放/);
    const hours = page.locator("#limen-field-hours input[value=mon]");
    while ((await hours.count()) === 0) {
      await page.locator("#limen-row-hours .red-ui-editableList-addButton").press("Enter");
      await page.waitForTimeout(200); // the tray may still be sliding in
    }
    for (const day of ["mon", "tue", "wed", "thu", "fri"])
      await page.check(`#limen-field-hours input[value=${day}]`);
    const [from, to] = await page.locator("#limen-field-hours input[type=text]").all();
    await from!.fill("22:00");
    await to!.fill("06:30");
    assert.match(await words.innerHTML(), /周一至周五 22:00 至次日 06:30 开放/);
    await page.selectOption("#node-input-antiPassback", "timed");
    await page.fill("#limen-input-antiPassbackMinutes", "5");
    assert.match(await words.innerHTML(), /5 分钟内重复进入会被拒绝/);
    await picture(page, "editor-entry-rule");
    await close(page, "#node-dialog-ok");
    const saved = await page.evaluate((id) => {
      const { hours, antiPassback, antiPassbackMinutes, valid } = RED.nodes.node(id);
      return { hours, antiPassback, antiPassbackMinutes, valid };
    }, idOf("entry-rule"));
    assert.deepEqual(saved, {
      hours: [{ days: ["mon", "tue", "wed", "thu", "fri"], from: "22:00", to: "06:30" }],
      antiPassback: "timed",
      antiPassbackMinutes: 5,
      valid: true,
    });
    await page.context().close();
  });

  it("asks a face's risk as one in so many looks, and shows what it costs and what cannot be promised", async function () {
    if (!haveChromium) this.skip();
    assert.equal((await fetch(`${red.url}/limen/face-threshold?risk=0.001`)).status, 401);
    for (const [locale, warning] of [
      ["en-US", /cannot be promised/],
      ["zh-CN", /无法保证/],
      ["zh-TW", /無法保證/],
    ] as const) {
      const page = await open(locale);
      await edit(page, idOf("face-match"));
      const cost = page.locator("#limen-row-risk + .limen-sentences");
      await cost.getByText(/core/).waitFor();
      assert.equal(await page.inputValue("#limen-input-risk"), "10000");
      const small = (await cost.textContent()) ?? "";
      assert.match(small, /12/);
      assert.doesNotMatch(small, /face-match\.|__/);
      await page.fill("#limen-cost-people", "2000");
      await page.fill("#limen-input-risk", "1000000");
      await cost.getByText(/2,000/).waitFor();
      await cost.getByText(warning).waitFor();
      await cost.scrollIntoViewIfNeeded();
      await picture(page, `editor-face-risk-${locale}`);
      await page.selectOption("#node-input-mode", "1:1");
      await page.fill("#limen-input-risk", "1000");
      await cost.getByText(warning).waitFor({ state: "detached" });
      assert.equal(await page.isVisible("#limen-cost-people"), false);
      await close(page, "#node-dialog-ok");
      const risk = await page.evaluate((id) => RED.nodes.node(id).risk, idOf("face-match"));
      assert.equal(risk, 0.001);
      assert.deepEqual(errors, []);
      await page.context().close();
    }
  });

  it("turns red what the runtime would refuse", async function () {
    if (!haveChromium) this.skip();
    const page = await open("en-US");
    await edit(page, idOf("retention-rule"));
    await page.fill("#limen-input-days", "0");
    assert.match((await page.getAttribute("#limen-input-days", "class")) ?? "", /input-error/);
    await close(page, "#node-dialog-ok");
    const node = await page.evaluate((id) => {
      const { valid, validationErrors } = RED.nodes.node(id);
      return { valid, validationErrors };
    }, idOf("retention-rule"));
    assert.equal(node.valid, false);
    assert.match(String(node.validationErrors), /at least 1/);
    // an own Wiegand layout: a row whose number runs past what a line holds, then as it is on the card
    await edit(page, idOf("card-read"));
    await page.selectOption("#node-input-format", "wiegand");
    await page.locator("#limen-row-formats .red-ui-editableList-addButton").press("Enter");
    const row = page.locator("#limen-row-formats li").first();
    const field = (label: string) => row.getByLabel(label, { exact: true });
    await field("Name").fill("site35");
    await field("Bits").fill("35");
    await field("Number").fill("three to thirty-four");
    await field("Number").blur();
    assert.match((await field("Number").getAttribute("class")) ?? "", /input-error/);
    await field("Number").fill("3-14 15-34");
    await field("Parity").fill("even 1-18; odd 18-35");
    await field("Parity").blur();
    assert.doesNotMatch((await field("Number").getAttribute("class")) ?? "", /input-error/);
    await picture(page, "editor-wiegand-formats");
    await close(page, "#node-dialog-ok");
    const read = await page.evaluate((id) => {
      const { formats, validationErrors } = RED.nodes.node(id);
      return { formats, validationErrors };
    }, idOf("card-read"));
    assert.deepEqual(read.formats, [
      { name: "site35", bits: 35, number: "3-14 15-34", parity: "even 1-18; odd 18-35", instead: "none" },
    ]);
    assert.doesNotMatch(String(read.validationErrors), /Wiegand/);
    await page.context().close();
  });
});
