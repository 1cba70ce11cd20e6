import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { haveChromium, launch, picture, violations, watch } from "./chromium.ts";
import { type Started, started } from "./started.ts";

/** Opening by phone, codes and emergencies on the real system: the pages, the flow, the vault, the record. */
describe("a resident's phone, codes and emergencies", () => {
  let limen: Started;
  let browser: Browser | undefined;
  let page: Page;
  let seen: ReturnType<typeof watch>;
  let api: (method: string, path: string, body?: object) => Promise<Record<string, unknown>>;
  let signedIn: { name: string; value: string };

  before(async () => {
    if (!haveChromium) return;
    limen = await started();
    browser = await launch();
    const first = await fetch(`${limen.url}/api/v1/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "manager", password: limen.password }),
    });
    const { csrf } = (await first.json()) as { csrf: string };
    const cookie = first.headers.get("set-cookie")!.split(";")[0]!;
    const [name, value] = cookie.split("=", 2);
    signedIn = { name: name!, value: value! };
    api = async (method, path, body) => {
      const response = await fetch(`${limen.url}/api/v1${path}`, {
        method,
        headers: { cookie, "limen-csrf": csrf, ...(body ? { "content-type": "application/json" } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const text = await response.text();
      return (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>;
    };
    const person = String((await api("POST", "/persons", { name: "林淑芬", flat: "5-102" })).id);
    await api("POST", `/persons/${person}/credentials`, {
      kind: "card",
      notation: "8H10D",
      number: "0040856634",
    });
    const { link } = await api("POST", `/persons/${person}/invitation`);
    const context = await browser.newContext({ locale: "zh-TW", viewport: { width: 360, height: 740 } });
    page = await context.newPage();
    page.setDefaultTimeout(30_000);
    seen = watch(page);
    await page.goto(String(link));
    await page.waitForSelector("#opening:not([hidden])");
  });
  beforeEach(function () {
    if (!browser) this.skip();
  });
  after(async () => {
    await browser?.close();
    await limen?.stop();
  });

  const kinds = async (door: string) =>
    (await api("GET", `/events?door=${door}&limit=50`)).events as {
      kind: string;
      method?: string;
      outcome?: string;
    }[];
  const doorButton = (at: number) => page.locator("#own-doors button").nth(at);
  const said = async (kind: "good" | "bad") => {
    await page.waitForSelector(`#open-say[data-kind="${kind}"]`);
    return (await page.textContent("#open-say")) ?? "";
  };

  it("opens the gate from anywhere, after a second press, and it is on record", async () => {
    assert.equal(await page.locator("#own-doors li").count(), 2);
    await doorButton(0).click();
    await page.waitForSelector("#open-dialog[open]");
    assert.deepEqual(await violations(page), []);
    await page.click("#open-no");
    assert.deepEqual(await kinds("main-gate"), [], "a press that was not confirmed is none");
    await doorButton(0).click();
    await page.click("#open-yes");
    assert.match(await said("good"), /Main gate.*門已開/);
    let events = await kinds("main-gate");
    assert.ok(events.some(({ method, outcome }) => method === "phone" && outcome === "granted"));
    // the lock's own entry follows the answer
    for (let n = 0; n < 100 && !events.some(({ kind }) => kind === "opened"); n++) {
      await page.waitForTimeout(50);
      events = await kinds("main-gate");
    }
    assert.ok(
      events.some(({ kind }) => kind === "opened"),
      "the lock was told",
    );
    await picture(page, "me-open-zh-TW-phone");
  });

  it("opens the house only with what its screen shows", async () => {
    await doorButton(1).click();
    await page.waitForSelector("#open-near:not([hidden])");
    await page.fill("#open-code", "000000");
    await page.click("#open-yes");
    assert.match(await said("bad"), /螢幕/);
    const screen = await (await browser!.newContext({ locale: "zh-TW" })).newPage();
    await screen.goto(`${limen.url}/door/unit-1`);
    await screen.waitForFunction(() =>
      /\d{3} \d{3}/.test(document.querySelector("#presence")?.textContent ?? ""),
    );
    await picture(screen, "door-presence-zh-TW");
    const shown = /(\d{3}) (\d{3})/.exec((await screen.textContent("#presence")) ?? "")!;
    await screen.context().close();
    await doorButton(1).click();
    await page.fill("#open-code", `${shown[1]} ${shown[2]}`);
    await page.click("#open-yes");
    assert.match(await said("good"), /Unit door 1.*門已開/);
  });

  it("counts beside the other ways", async () => {
    const { doors } = await api("GET", "/parity?days=1");
    const [gate] = doors as { ways: { method: string; tries: number; opened: number }[] }[];
    const phone = gate!.ways.find(({ method }) => method === "phone");
    assert.deepEqual([phone?.tries, phone?.opened], [1, 1]);
  });

  it("sets a code and one for threats, which both open; the wall bears its mark and no word", async () => {
    await page.fill("#code-digits", "482915");
    await page.selectOption("#code-duress", "own");
    await page.fill("#duress-digits", "482916");
    await page.click("#code-set");
    await page.waitForSelector('#code-say[data-kind="bad"]');
    await page.fill("#duress-digits", "730162");
    await page.click("#code-set");
    await page.waitForSelector('#code-say[data-kind="good"]');
    assert.deepEqual(await violations(page), []);
    await page.locator("#code-form").scrollIntoViewIfNeeded();
    await picture(page, "me-code-zh-TW-phone");
    assert.doesNotMatch((await page.textContent("#held")) ?? "", /脅迫/);
    const type = async (digits: string) => api("POST", "/doors/main-gate/pin-entries", { digits });
    const { attempt: _, ...usual } = await type("482915");
    const { attempt: __, ...forced } = await type("730162");
    assert.deepEqual(forced, usual);
    assert.equal(usual.outcome, "granted");
    const context = await browser!.newContext({ locale: "zh-TW", viewport: { width: 1280, height: 900 } });
    await context.addCookies([{ ...signedIn, url: limen.url }]);
    const wall = await context.newPage();
    await wall.goto(`${limen.url}/dashboard/door-wall`);
    await wall.waitForFunction(
      () =>
        [...document.querySelectorAll("*")].some((host) =>
          /\u25c6 7/.test(host.shadowRoot?.textContent ?? ""),
        ),
      undefined,
      { timeout: 30_000 },
    );
    const text = await wall.evaluate(() =>
      [...document.querySelectorAll("*")].map((host) => host.shadowRoot?.textContent ?? "").join(" "),
    );
    assert.doesNotMatch(text, /脅迫|duress/i);
    await picture(wall, "dashboard-marked-zh-TW");
    await context.close();
  });

  it("says on the door's screen what an emergency asks, and stops when it is ended", async () => {
    const end = new Date(Date.now() + 3_600_000).toISOString();
    const refused = await api("POST", "/emergencies", {
      doors: ["main-gate"],
      reason: "storm",
      end,
      two: true,
    });
    assert.equal(refused.code, "emergency-last-way", "no card and code in one attempt at this gate");
    const { id } = await api("POST", "/emergencies", {
      doors: ["main-gate"],
      reason: "storm",
      end,
      no_visitors: true,
    });
    const screen = await (await browser!.newContext({ locale: "zh-TW" })).newPage();
    await screen.goto(`${limen.url}/door/main-gate`);
    await screen.waitForFunction(() =>
      /颱風/.test(document.querySelector("#emergencies")?.textContent ?? ""),
    );
    await picture(screen, "door-emergency-zh-TW");
    await api("DELETE", `/emergencies/${String(id)}`);
    await screen.reload();
    await screen.waitForSelector("#ways li");
    assert.equal(await screen.textContent("#emergencies"), "");
    await screen.context().close();
  });

  it("asked nobody outside, and put no code into an address or a log", () => {
    for (const url of seen.requests) {
      assert.ok(url.startsWith(limen.url) || /^(blob|data):/.test(url), url);
      assert.doesNotMatch(url, /482915|730162/);
    }
    assert.doesNotMatch(limen.log(), /482915|730162|林淑芬/);
  });
});
