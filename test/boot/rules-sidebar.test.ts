import assert from "node:assert/strict";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { operatorAuth } from "../../vault/protocol/common.ts";
import { haveChromium, launch, picture, violations, watch } from "../browser/chromium.ts";
import { readFlow } from "../flows/files.ts";
import { openRig, type Rig } from "../vault/rig.ts";
import { type Booted, boot } from "./booted.ts";
import { StaffedVault, token } from "./staffed-vault.ts";

const lawful = readFlow("flows/default.json");
/** The unit door's readers and keypads, taken away: a face and a guard are left. */
const unit = lawful.find(({ door, type }) => type === "limen-door" && door === "unit-1")!;
const taken = lawful.filter(
  ({ type, door, topic }) =>
    (["card-read", "pin-read", "pass-read"].includes(type) && door === unit.id) ||
    ["limen/unit-1/reader", "limen/unit-1/keypad", "limen/unit-1/qr"].includes(String(topic)),
);
const faceOnly = lawful.filter((node) => !taken.includes(node));

interface Editor {
  nodes: {
    node(id: string): { valid?: boolean; feeOther?: number; openSeconds?: number } | null;
    import(nodes: object[]): void;
    addLink(link: object): void;
    dirty(state: boolean): void;
    getType(type: string): object | null;
  };
  sidebar: { show(id: string): void };
  events: { emit(event: string, about: unknown): void };
  history: { pop(): void };
}
declare const RED: Editor;

describe("the rules in the editor", () => {
  let vault: StaffedVault;
  let red: Booted;
  let browser: Browser;
  before(async () => {
    if (!haveChromium) return;
    vault = new StaffedVault();
    await vault.start();
    [red, browser] = await Promise.all([boot({ socket: vault.socket, flow: faceOnly }), launch()]);
  });
  after(async () => {
    await browser?.close();
    await red?.stop();
    await vault?.remove();
  });

  const open = async (locale: string): Promise<Page> => {
    const context = await browser.newContext({ locale, viewport: { width: 1400, height: 1000 } });
    const page = await context.newPage();
    await page.goto(`${red.url}/`);
    await page.fill("#node-dialog-login-username", "manager");
    await page.fill("#node-dialog-login-password", "a long enough password");
    await page.click("#node-dialog-login-submit");
    await page.waitForFunction((id) => (globalThis as { RED?: Editor }).RED?.nodes.node(id) != null, unit.id);
    await page.waitForSelector(".limen-finding, .limen-lawful", { state: "attached" });
    await page.evaluate(() => RED.sidebar.show("limen-rules"));
    await page.waitForSelector(".limen-rules p", { state: "visible" });
    return page;
  };

  for (const [locale, words] of [
    ["en-US", /opens only by face, opening by staff/],
    ["zh-CN", /只能通过人脸、值班人员开门打开/],
    ["zh-TW", /只能透過人臉、值班人員開門打開/],
  ] as const)
    it(`say why a door without a card cannot be deployed, in ${locale}`, async function () {
      if (!haveChromium) this.skip();
      const page = await open(locale);
      assert.match((await page.locator(".limen-finding").first().textContent()) ?? "", words);
      assert.equal(await page.evaluate((id) => RED.nodes.node(id)?.valid, unit.id), false);
      assert.deepEqual(await violations(page, ".limen-rules"), []);
      await page.context().close();
    });

  it("put a setting right at a click, to be undone like any other change", async function () {
    if (!haveChromium) this.skip();
    const page = await open("en-US");
    const site = lawful.find(({ type }) => type === "limen-site")!.id;
    const fee = () => page.evaluate((id) => RED.nodes.node(id)?.feeOther, site);
    await page.evaluate((id) => {
      const node = RED.nodes.node(id)!;
      node.feeOther = 20;
      RED.events.emit("nodes:change", node);
    }, site);
    const finding = page.locator(".limen-finding", { hasText: "declining would cost more" });
    await finding.locator("button.limen-fix").click();
    await finding.waitFor({ state: "detached" });
    assert.equal(await fee(), 0);
    await page.evaluate(() => RED.history.pop());
    await finding.waitFor();
    assert.equal(await fee(), 20);
    await page.context().close();
  });

  it("let an installer add the reader they ask for, and deploy", async function () {
    if (!haveChromium) this.skip();
    const page = await open("en-US");
    const seen = watch(page);
    const deploy = async (): Promise<number> => {
      await page.evaluate(() => RED.nodes.dirty(true));
      const answered = page.waitForResponse(
        (answer) => /\/flows$/.test(answer.url()) && answer.request().method() === "POST",
      );
      await page.click("#red-ui-header-button-deploy");
      // the editor's own question about nodes with red triangles
      const anyway = page.locator(".red-ui-notification button.primary");
      await Promise.race([answered, anyway.click().catch(() => undefined)]);
      return (await answered).status();
    };

    assert.equal(await deploy(), 422);
    const toast = page.locator(".red-ui-notification-error", { hasText: "is not deployed" });
    await toast.waitFor();
    assert.match((await toast.textContent()) ?? "", /opens only by face/);
    assert.doesNotMatch((await toast.textContent()) ?? "", /"code"/);
    await picture(page, "rules-refused");

    await page.evaluate((nodes) => {
      RED.nodes.import(nodes);
      // an import draws wires among what it brings; those to the flow that is there are the installer's
      for (const { id, wires } of nodes as { id: string; wires: string[][] }[])
        for (const target of wires.flat())
          if (!nodes.some((other) => (other as { id: string }).id === target))
            RED.nodes.addLink({ source: RED.nodes.node(id), sourcePort: 0, target: RED.nodes.node(target) });
    }, taken as object[]);
    await page.waitForSelector(".limen-lawful");
    await page.waitForFunction((id) => RED.nodes.node(id)?.valid !== false, unit.id);
    await picture(page, "rules-lawful");
    assert.equal(await deploy(), 200);
    assert.deepEqual(
      seen.requests.filter(
        (url) => !url.startsWith(red.url) && !url.startsWith("data:") && !url.startsWith("ws"),
      ),
      [],
    );
    const { flows } = await red.json<{ flows: { id: string }[] }>("/flows", {
      token,
      headers: { "node-red-api-version": "v2" },
    });
    for (const { id } of taken)
      assert.ok(
        flows.some((node) => node.id === id),
        id,
      );
    await page.context().close();
  });
});

describe("changes in the editor's sidebar", () => {
  const two = lawful.map((node) => (node.type === "limen-site" ? { ...node, twoPersons: true } : node));
  const password = "a long enough password";
  let rig: Rig;
  let red: Booted;
  let browser: Browser;
  before(async function () {
    if (!haveChromium) this.skip();
    rig = await openRig();
    for (const [name, role] of [
      ["ann", "manager"],
      ["ben", "technician"],
    ] as const)
      await rig.operator.call("staff.add", { auth: operatorAuth, name, role, password });
    const socket = join(rig.data, "run/vault.sock");
    [red, browser] = await Promise.all([boot({ socket, flow: two }), launch()]);
  });
  after(async () => {
    await browser?.close();
    await red?.stop();
    await rig?.close();
  });

  const open = async (name: string, locale: string): Promise<Page> => {
    const context = await browser.newContext({ locale, viewport: { width: 1500, height: 1300 } });
    const page = await context.newPage();
    await page.goto(`${red.url}/`);
    await page.fill("#node-dialog-login-username", name);
    await page.fill("#node-dialog-login-password", password);
    await page.click("#node-dialog-login-submit");
    await page.waitForSelector(".limen-latest li", { state: "attached" });
    await page.evaluate(() => RED.sidebar.show("limen-rules"));
    await page.waitForSelector(".limen-latest", { state: "visible" });
    return page;
  };
  const deploy = async (name: string, flows: readonly object[]): Promise<number> => {
    const token = (await red.signIn(name, password))!;
    const answer = await red.fetch("/flows", {
      method: "POST",
      token,
      headers: { "content-type": "application/json", "node-red-api-version": "v2" },
      body: JSON.stringify({ flows }),
    });
    return answer.status;
  };
  const staged = (seconds: number) => [
    ...two.map((node) => (node.id === unit.id ? { ...node, openSeconds: seconds, class: "gate" } : node)),
    {
      id: "tidy",
      type: "function",
      z: two[0]!.id,
      x: 100,
      y: 900,
      name: "tidy",
      func: "// only tests\nreturn msg;",
      outputs: 1,
      libs: [],
      wires: [[]],
    },
  ];

  it("appear at once to whoever else may deploy, in words, and are deployed by their click", async () => {
    const [ann, ben] = [await open("ann", "zh-CN"), await open("ben", "en-US")];
    assert.equal(await deploy("ben", staged(7)), 423);
    const card = ann.locator(".limen-staged");
    await card.locator("li", { hasText: "通往" }).waitFor();
    assert.match((await card.textContent()) ?? "", /ben（技术员）/);
    assert.match((await card.textContent()) ?? "", /return msg/);
    await card.locator("summary", { hasText: "改动内容" }).click();
    await card.locator("li", { hasText: /^openSeconds：.* → 7$/ }).waitFor();
    assert.deepEqual(await violations(ann, ".limen-rules"), []);
    await picture(ann, "changes-waiting-zh-CN");

    const mine = ben.locator(".limen-staged");
    await mine.waitFor();
    assert.match((await mine.textContent()) ?? "", /somebody else has to agree/);
    assert.equal(await mine.locator("button.primary").count(), 0);
    await picture(ben, "changes-mine-en-US");

    await card.locator("button.primary").click();
    await ann.locator(".limen-kind-deployed", { hasText: "ben，经 ann 同意" }).waitFor();
    await card.waitFor({ state: "detached" });
    await ben.locator(".limen-kind-deployed", { hasText: "ben, agreed to by ann" }).waitFor();
    await ann.locator(".limen-kind-deployed button").first().click();
    await ann.locator(".limen-kind-deployed li", { hasText: "通往" }).first().waitFor();
    await picture(ann, "changes-deployed-zh-CN");

    // and back: the flow before, in this window, deployed by nobody yet, and undone in one step
    const seconds = () => ann.evaluate((id) => RED.nodes.node(id)?.openSeconds, unit.id);
    assert.equal(Number(await seconds()), Number(unit.openSeconds)); // this window was open before the deploy
    await ann.reload();
    await ann.waitForFunction((id) => Number(RED.nodes.node(id)?.openSeconds) === 7, unit.id);
    const back = ann.locator(".limen-latest button", { hasText: "取回这个流程" }).first();
    await back.waitFor({ state: "attached" });
    await ann.evaluate(() => RED.sidebar.show("limen-rules"));
    await back.click();
    await ann.locator(".limen-note", { hasText: "尚未部署" }).waitFor();
    assert.equal(Number(await seconds()), Number(unit.openSeconds));
    assert.equal(await ann.evaluate(() => RED.nodes.node("tidy") == null), true);
    await picture(ann, "changes-brought-back-zh-CN");
    await ann.evaluate(() => RED.history.pop());
    assert.equal(Number(await seconds()), 7);
    const { flows } = await red.json<{ flows: { id: string; openSeconds?: number }[] }>("/flows", {
      token: (await red.signIn("ann", password))!,
      headers: { "node-red-api-version": "v2" },
    });
    assert.equal(Number(flows.find(({ id }) => id === unit.id)?.openSeconds), 7);
    await ann.context().close();
    await ben.context().close();
  });

  it("can be turned down, and say in Taiwan's words what stands against agreeing", async () => {
    const ann = await open("ann", "zh-TW");
    assert.equal(await deploy("ben", staged(8)), 423);
    const card = ann.locator(".limen-staged");
    await card.locator("button.primary").waitFor();
    // meanwhile it is taken back
    const token = (await red.signIn("ben", password))!;
    const { waiting } = await red.json<{ waiting: { id: number }[] }>("/limen/changes", { token });
    await ann.route("**/limen/changes", (route) => route.abort()); // and this window has not heard of it
    await red.fetch(`/limen/changes/${waiting[0]!.id}/reject`, { method: "POST", token });
    await card.locator("button.primary").click();
    await card.locator(".limen-trouble", { hasText: "這項變更已不在等待" }).waitFor();
    await picture(ann, "changes-trouble-zh-TW");
    await ann.unroute("**/limen/changes");
    assert.equal(await deploy("ben", staged(9)), 423);
    await ann.locator(".limen-trouble:not(:empty)").waitFor({ state: "detached" });
    await ann.locator(".limen-staged button", { hasText: "不同意" }).first().click();
    await ann.locator(".limen-kind-rejected", { hasText: "ann" }).waitFor();
    await ann.context().close();
  });
});
