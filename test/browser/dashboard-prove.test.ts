import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Browser } from "playwright-core";
import { haveChromium, launch, picture, violations } from "./chromium.ts";
import { type Started, started } from "./started.ts";

/** The question who is here, in the middle of the dashboard, on the real system. */
describe("a fresh sign-in in the dashboard", () => {
  let limen: Started;
  let browser: Browser | undefined;

  before(async () => {
    if (haveChromium) [limen, browser] = await Promise.all([started(), launch()]);
  });
  after(async () => {
    await browser?.close();
    await limen?.stop();
  });

  it("is asked for in place, and what was begun goes on", async function () {
    if (!browser) this.skip();
    const page = await (await browser.newContext({ locale: "en-US" })).newPage();
    page.setDefaultTimeout(30_000);
    await page.goto(`${limen.url}/sign-in?next=/dashboard/residents`);
    await page.fill("#name", "manager");
    await page.fill("#password", limen.password);
    await page.click("#by-password");
    await page.waitForURL(/\/dashboard\/residents/);
    await page.getByLabel("Name or flat").fill("Chen Mei");
    await page.getByRole("button", { name: "Register", exact: true }).click();
    await page.getByRole("button", { name: /Open \(recorded\)/ }).click();
    await page.getByRole("button", { name: "Phone lost: end its way in" }).click();
    await page.getByText("Passkeys ended: 0.").waitFor();
    const copy = page.getByRole("button", { name: "Copy of everything held" });
    if (!(await copy.isVisible())) await page.getByText("Moving out, copy, erasure").click();

    // as if the password had been given long ago
    const people = new DatabaseSync(join(limen.data, "people.db"));
    people.exec("PRAGMA busy_timeout = 2000; UPDATE session SET proved = 0");
    people.close();

    await copy.click();
    await page.locator("#prove dialog[open]").waitFor();
    assert.deepEqual(await violations(page, "#prove"), []);
    await picture(page, "dashboard-prove");
    await page.locator("#prove input[type=password]").fill(limen.password);
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "Save the copy" }).waitFor();
    assert.equal(await page.locator("#prove").count(), 0);
    // the session goes on under its new cookie, the dashboard's own pages too
    await page.goto(`${limen.url}/dashboard/door-wall`);
    await page.locator(".line-state[data-kind=good]").waitFor();
  });
});
