import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { haveChromium, launch, picture, violations, watch } from "./chromium.ts";
import { type Started, started } from "./started.ts";

const name = '周<b onmouseover="alert(1)">敏</b>';
const password = "a guard's long password";

/** What property staff see at `/dashboard`: the real system, each with their own session and role. */
describe("the dashboard", function () {
  this.timeout(60_000);
  let limen: Started;
  let browser: Browser | undefined;

  before(async () => {
    if (!haveChromium) return;
    limen = await started();
    browser = await launch();
  });
  beforeEach(function () {
    if (!browser) this.skip();
  });
  after(async () => {
    await browser?.close();
    await limen?.stop();
  });

  const open = async (who: string, secret: string): Promise<Page> => {
    const context = await browser!.newContext({ locale: "zh-CN", viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    await page.goto(`${limen.url}/dashboard`);
    await page.waitForURL(/\/sign-in\?next=%2Fdashboard/);
    await page.fill("#name", who);
    await page.fill("#password", secret);
    await page.click("form button");
    await page.waitForURL(/\/dashboard\/door-wall/);
    return page;
  };
  /** axe on our part of the page: the frame around it is the dashboard's own. */
  const ours = (page: Page) => violations(page, ".limen-widget");

  it("asks for a sign-in, then shows every door and lets the manager open one with a reason", async () => {
    const page = await open("manager", limen.password);
    const seen = watch(page);
    await page.waitForSelector(".door");
    assert.equal(await page.locator(".door").count(), 2);
    assert.deepEqual(await ours(page), []);
    const first = page.locator(".door").first();
    await first.locator("select").selectOption("courier");
    await first.getByRole("button", { name: "开门" }).click();
    await first.locator(".say[data-kind=good]").waitFor();
    await page.waitForFunction(() => {
      const widget = document.querySelector(".limen-widget")?.shadowRoot;
      return widget?.querySelector(".door .last")?.textContent?.includes("锁") ?? false;
    });
    await picture(page, "dashboard-doors");
    assert.deepEqual(seen.errors, []);
    assert.deepEqual(
      seen.requests.filter((url) => !url.startsWith(limen.url) && !/^(blob|data):/.test(url)),
      [],
    );
    const added = await page.evaluate(
      async ([password]) => {
        const { csrf } = (await (await fetch("/api/v1/session")).json()) as { csrf: string };
        const answer = await fetch("/api/v1/staff", {
          method: "POST",
          headers: { "content-type": "application/json", "limen-csrf": csrf },
          body: JSON.stringify({ name: "guard", role: "guard", password }),
        });
        return answer.status;
      },
      [password],
    );
    assert.equal(added, 201);
    await page.context().close();
  });

  it("walks a lost card: registered, given, blocked in one press, replaced", async () => {
    const page = await open("manager", limen.password);
    await page.goto(`${limen.url}/dashboard/residents`);
    await page.getByLabel("姓名").fill(name);
    await page.getByRole("button", { name: "登记" }).click();
    await page.getByRole("button", { name: /查看/ }).click();
    const give = async (number: string) => {
      await page.getByLabel("卡面号码").fill(number);
      await page.getByRole("button", { name: "发这张卡" }).click();
      await page.getByText(`…${number.slice(-4)}`).waitFor();
    };
    await give("0040856634");
    await page.getByRole("button", { name: "挂失停用" }).click();
    await page.getByText("已停用").waitFor();
    await give("0000472288");
    assert.deepEqual(await ours(page), []);
    assert.ok((await page.getByText(name).count()) > 0); // text stays text
    await picture(page, "dashboard-residents");
    await page.context().close();
  });

  it("lets an auditor's eye over the log", async () => {
    const page = await open("manager", limen.password);
    await page.goto(`${limen.url}/dashboard/record`);
    await page.getByRole("button", { name: /缺口/ }).click();
    await page.locator(".say[data-kind=good]").waitFor();
    assert.match((await page.locator("pre").textContent()) ?? "", /^\S+\n\d+\n/);
    assert.deepEqual(await ours(page), []);
    await picture(page, "dashboard-record");
    await page.context().close();
  });

  it("gives a guard the doors, and nobody's name", async () => {
    const page = await open("guard", password);
    await page.waitForSelector(".door");
    const bodies: string[] = [];
    page.on("response", (response) => {
      if (response.url().includes("/api/v1/")) void response.text().then((text) => bodies.push(text));
    });
    await page.waitForTimeout(1500);
    assert.ok(bodies.length > 0);
    for (const body of bodies) assert.doesNotMatch(body, /person_|cred_|周/);
    await page.goto(`${limen.url}/dashboard/residents`);
    await page.getByText("由管理员和服务台办理").waitFor();
    await page.context().close();
  });
});
