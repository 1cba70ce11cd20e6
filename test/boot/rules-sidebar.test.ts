import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { haveChromium, launch, picture, violations, watch } from "../browser/chromium.ts";
import { readFlow } from "../flows/files.ts";
import { type Booted, boot } from "./booted.ts";
import { StaffedVault, token } from "./staffed-vault.ts";

const lawful = readFlow("flows/default.json");
/** The unit door's readers and keypad, taken away: a face and a guard are left. */
const unit = lawful.find(({ door, type }) => type === "limen-door" && door === "unit-1")!;
const taken = lawful.filter(
  ({ type, door, topic }) =>
    (["card-read", "pin-read"].includes(type) && door === unit.id) ||
    ["limen/unit-1/reader", "limen/unit-1/keypad"].includes(String(topic)),
);
const faceOnly = lawful.filter((node) => !taken.includes(node));

interface Editor {
  nodes: {
    node(id: string): { valid?: boolean } | null;
    import(nodes: object[]): void;
    addLink(link: object): void;
    dirty(state: boolean): void;
    getType(type: string): object | null;
  };
  sidebar: { show(id: string): void };
}
declare const RED: Editor;

describe("the rules in the editor", function () {
  this.timeout(60_000);
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
