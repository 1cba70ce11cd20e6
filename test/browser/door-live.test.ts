import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { haveChromium, keepsItself, launch } from "./chromium.ts";
import { type Started, started } from "./started.ts";

const name = "林淑芬";

/** The door's screen on the real system: a real code, somebody else's attempt, and a box that is switched off. */
describe("the door's screen on the real system", () => {
  let limen: Started;
  let browser: Browser | undefined;
  let page: Page;
  let code = "";
  let ended = false;

  before(async () => {
    if (!haveChromium) return;
    [limen, browser] = await Promise.all([started(), launch()]);
    const ask = async (path: string, body: object, headers: Record<string, string> = {}) => {
      const response = await fetch(`${limen.url}/api/v1${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      });
      return { response, json: (await response.json()) as Record<string, string> };
    };
    const { response, json } = await ask("/session", { name: "manager", password: limen.password });
    const staff = { cookie: response.headers.get("set-cookie")!.split(";")[0]!, "limen-csrf": json.csrf! };
    const person = (await ask("/persons", { name, languages: ["zh-TW"] }, staff)).json.id;
    code = (await ask(`/persons/${person}/credentials`, { kind: "pin" }, staff)).json.pin ?? "";
    page = await (await browser.newContext({ locale: "en-US" })).newPage();
    page.setDefaultTimeout(30_000);
    await page.goto(`${limen.url}/door/main-gate`);
    await page.waitForSelector("#type-code:not(:disabled)");
  });
  beforeEach(function () {
    if (!browser) this.skip();
  });
  after(async () => {
    await browser?.close();
    if (!ended) await limen?.stop();
  });

  const type = async (digits: string) => {
    await page.click("#type-code");
    await page.keyboard.type(digits);
    await page.keyboard.press("#");
  };
  const words = () => page.textContent("#say");

  it("takes a code that the real vault knows, and answers in its person's language", async () => {
    assert.match(code, /^\d{4,12}$/);
    await type(code);
    await page.waitForSelector("#say[data-kind=good]");
    assert.equal(await page.getAttribute("#say", "lang"), "zh-TW");
    assert.match((await words()) ?? "", /門/);
    assert.ok(!(await page.content()).includes(name));
  });

  it("tells what became of an attempt that it had no part in", async () => {
    await page.reload();
    await page.waitForSelector("html[data-line=live]");
    const answer = await fetch(`${limen.url}/api/v1/doors/main-gate/pin-entries`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ digits: code }),
    });
    assert.equal(((await answer.json()) as { outcome: string }).outcome, "granted");
    await page.waitForSelector("#say[data-kind=good]");
    assert.equal(await page.getAttribute("#say", "lang"), "zh-TW");
  });

  it("refuses a wrong code in the screen's own language, and locks after some", async () => {
    const wrong = code === "908172" ? "908173" : "908172";
    await type(wrong);
    const refused = async () => {
      await page.waitForSelector("#pad-say[data-kind=bad]");
      return (await page.textContent("#pad-say")) ?? "";
    };
    assert.match(await refused(), /not right/);
    let last = "";
    for (let n = 0; n < 8 && !/Too many wrong codes/.test(last); n++) {
      await page.keyboard.type(wrong);
      await page.keyboard.press("#");
      last = await refused();
    }
    assert.match(last, /Too many/); // by the vault's lock, or by the box's own patience before it
    await page.keyboard.press("Escape");
  });

  it("opens without the box, says what still works, and keeps no answer of it", async () => {
    await keepsItself(page);
    await limen.stop();
    ended = true;
    await page.waitForSelector("#line[data-kind=warn]");
    await page.reload();
    await page.waitForSelector("#line[data-kind=warn]");
    assert.match((await page.textContent("#line")) ?? "", /Cards and codes go on/);
    assert.ok(((await page.textContent("#name")) ?? "").length > 0);
    assert.ok(await page.isDisabled("#type-code"));
    const kept = await page.evaluate(async () =>
      (await (await caches.open("limen-door-1")).keys()).map(({ url }) => new URL(url).pathname),
    );
    assert.ok(!kept.some((path) => path.startsWith("/api")), kept.join(" "));
  });
});
