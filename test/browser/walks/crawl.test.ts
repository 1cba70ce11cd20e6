import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { haveChromium, launch, picture, violations } from "../chromium.ts";
import { cardOf } from "./desk.ts";
import { api, Stage } from "./stage.ts";

const name = '"><img src=x onerror=alert(1)>周敏';
const flat = "3-<svg/onload=alert(2)>";
const inName = encodeURIComponent("周敏");

const views = (
  JSON.parse(readFileSync(join(import.meta.dirname, "../../../flows/default.json"), "utf8")) as {
    type: string;
    path?: string;
  }[]
)
  .filter(({ type }) => type === "ui-page")
  .map(({ path }) => `/dashboard${path}`);
const open = [
  "/sign-in",
  "/me",
  "/children",
  "/receipt",
  "/door/main-gate",
  "/door/unit-1",
  "/notice/main-gate",
];
const inside = ["/", "/welcome", "/account", "/simulator", ...views];

/** Every page there is, with somebody in the books whose name is a script. */
describe("every page", () => {
  let browser: Browser | undefined;
  let stage: Stage;
  before(async () => {
    if (!haveChromium) return;
    browser = await launch();
    stage = await Stage.open(browser);
    const manager = await stage.page("manager", "zh-CN", 1280);
    const { id } = await api(manager, "POST", "/persons", { name, flat });
    const card = { kind: "card", notation: "8H10D", number: cardOf(500) };
    assert.equal((await api(manager, "POST", `/persons/${String(id)}/credentials`, card)).http, 201);
    await api(manager, "POST", "/requests", {
      person: id,
      kind: "access",
      text: "<script>alert(3)</script>",
    });
    await stage.door.opens(() => stage.door.tap(cardOf(500)));
    await manager.context().close();
  });
  beforeEach(function () {
    if (!browser) this.skip();
  });
  after(async () => {
    await stage?.close();
    await browser?.close();
  });

  /** What a page asked for and said, and whether a stored script ever ran. */
  const visit = async (page: Page, path: string): Promise<void> => {
    const asked: string[] = [];
    const failed: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    page.on("dialog", (dialog) => {
      failed.push(`a script ran: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("pageerror", (error) => failed.push(error.message));
    const answer = await page.goto(`${stage.url}${path}`);
    await page.waitForLoadState("networkidle", { timeout: 2000 }).catch(() => undefined); // a live view is never idle
    await page.waitForTimeout(500);
    assert.deepEqual(failed, [], path);
    for (const url of asked) {
      assert.match(url, /^(https?|wss?):\/\/localhost:|^(blob|data):/, path);
      assert.ok(
        !url.includes(inName) && !decodeURIComponent(url).includes("周敏"),
        `${path}: a name in ${url}`,
      );
    }
    const policy = answer?.headers()["content-security-policy"] ?? "";
    if (path === "/" || path.startsWith("/dashboard")) return; // Node-RED's and the dashboard's own frames
    assert.match(policy, /default-src '(none|self)'/, path);
    assert.doesNotMatch(policy, /https?:|\*/, path);
    assert.doesNotMatch(policy, /script-src[^;]*unsafe/, path);
  };

  for (const path of open)
    it(`${path} asks nobody outside and runs nothing but its own, for whoever comes by`, async () => {
      const page = await stage.page(undefined, "zh-CN", 1280);
      await visit(page, path);
      await page.context().close();
    });

  for (const path of inside)
    it(`${path} asks nobody outside and runs nothing that was stored, for a manager`, async () => {
      const page = await stage.page("manager", "zh-CN", 1280);
      await visit(page, path);
      await page.context().close();
    });

  it("reads at 200 percent: no sideways scrolling, no barrier, in every view of the dashboard", async () => {
    const page = await stage.page("manager", "en-US", 640);
    for (const path of views) {
      await page.goto(`${stage.url}${path}`);
      await page.locator(".widget:visible").first().waitFor();
      await page.waitForTimeout(300);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= 640, `${path}: ${wide} px`);
      assert.deepEqual(await violations(page, ".limen-widget"), [], path);
      await picture(page, `zoom-${path.split("/").at(-1)}`);
    }
    await page.context().close();
  });

  it("lets somebody without a mouse register a resident, give a card and block it", async () => {
    const page = await stage.page("desk", "en-US", 1280);
    await page.goto(`${stage.url}/dashboard/residents`);
    await page.locator(".widget:visible input").first().waitFor();
    const focused = (): Promise<string> =>
      page.evaluate(() => {
        let at = document.activeElement;
        while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
        return (
          at?.closest("label")?.textContent ||
          at?.textContent ||
          at?.getAttribute("aria-label") ||
          ""
        ).trim();
      });
    const tabTo = async (words: string): Promise<void> => {
      for (let n = 0; n < 80; n++) {
        if ((await focused()).startsWith(words)) return;
        await page.keyboard.press("Tab");
      }
      throw new Error(`no way to “${words}” by keyboard; at “${await focused()}”`);
    };
    await tabTo("Name or flat");
    await page.keyboard.type("Keyboard Kim");
    await tabTo("Register");
    await page.keyboard.press("Enter");
    await page.locator(".say[data-kind=good]:visible").first().waitFor();
    await tabTo("Open (recorded)");
    await page.keyboard.press("Enter");
    await page.getByText("No card and no code yet").waitFor();
    await tabTo("Number on the card");
    await page.keyboard.type(cardOf(501));
    await page.keyboard.press("Enter");
    await page.getByText(`…${cardOf(501).slice(-4)}`).waitFor();
    await tabTo("Lost: block it");
    await page.keyboard.press("Enter");
    await page.getByText("blocked", { exact: true }).waitFor();
    await page.context().close();
  });

  it("takes no change from another site, and none without its own word", async () => {
    const page = await stage.page("manager", "en-US", 1280);
    const tries = await page.evaluate(async () => {
      const body = JSON.stringify({ name: "Forged" });
      const headers = { "content-type": "application/json" };
      const plain = await fetch("/api/v1/persons", { method: "POST", body, headers });
      const wrong = await fetch("/api/v1/persons", {
        method: "POST",
        body,
        headers: { ...headers, "limen-csrf": "x".repeat(43) },
      });
      const form = await fetch("/api/v1/persons", {
        method: "POST",
        body: new URLSearchParams({ name: "Forged" }),
      });
      return [plain.status, wrong.status, form.status];
    });
    for (const status of tries) assert.ok(status === 403 || status === 415 || status === 400, String(tries));
    const cookies = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
    const foreign = await fetch(`${stage.url}/api/v1/persons`, {
      method: "POST",
      headers: { cookie: cookies, origin: "https://elsewhere.example", "content-type": "application/json" },
      body: JSON.stringify({ name: "Forged" }),
    });
    assert.equal(foreign.status, 403);
    await page.context().close();
  });
});
