import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { haveChromium, launch, picture, violations, watch } from "./chromium.ts";
import { type Started, started } from "./started.ts";
import { authenticator } from "./vault-stand.ts";

const name = "林淑芬";

/** A resident's own page on the real system, on a phone: from the desk's link to the last receipt. */
describe("a resident on her own page", () => {
  let limen: Started;
  let browser: Browser | undefined;
  let page: Page;
  let seen: ReturnType<typeof watch>;
  let link = "";
  /** By its name: browsers give no passkey to an address made of numbers. */
  let root = "";
  let person = "";
  let api: (
    method: string,
    path: string,
    body?: object,
    purpose?: string,
  ) => Promise<Record<string, unknown>>;

  before(async () => {
    if (!haveChromium) return;
    limen = await started();
    root = limen.url.replace("127.0.0.1", "localhost");
    browser = await launch();
    const first = await fetch(`${root}/api/v1/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "manager", password: limen.password }),
    });
    const { csrf } = (await first.json()) as { csrf: string };
    const cookie = first.headers.get("set-cookie")!.split(";")[0]!;
    api = async (method, path, body, purpose) => {
      const response = await fetch(`${root}/api/v1${path}`, {
        method,
        headers: {
          cookie,
          "limen-csrf": csrf,
          ...(body ? { "content-type": "application/json" } : {}),
          ...(purpose ? { "limen-purpose": purpose } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const text = await response.text();
      return (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>;
    };
    person = String((await api("POST", "/persons", { name, flat: "5-102" })).id);
    await api("POST", `/persons/${person}/credentials`, {
      kind: "card",
      notation: "8H10D",
      number: "0040856634",
    });
    await api("GET", `/persons/${person}`, undefined, "desk-request");
    link = String((await api("POST", `/persons/${person}/invitation`)).link);
    const context = await browser.newContext({
      locale: "zh-TW",
      viewport: { width: 360, height: 740 },
      acceptDownloads: true,
    });
    page = await context.newPage();
    page.setDefaultTimeout(30_000);
    await authenticator(page);
    seen = watch(page);
  });
  beforeEach(function () {
    if (!browser) this.skip();
  });
  after(async () => {
    await browser?.close();
    await limen?.stop();
  });

  it("comes in by the link, once; its secret leaves the address at once", async () => {
    await page.goto(link);
    await page.waitForSelector("#inside:not([hidden])");
    assert.equal(page.url(), `${root}/me`);
    assert.ok(!seen.requests.some((url) => url.includes(link.split("#")[1]!)));
    const other = await (await browser!.newContext()).newPage();
    await other.goto(link);
    await other.waitForSelector("#outside:not([hidden])");
    assert.equal(await other.getAttribute("#say", "data-kind"), "bad");
    await other.context().close();
  });

  it("makes a passkey on her phone, and comes back by it without the desk", async () => {
    await page.click("#offer-make");
    await page.waitForSelector("#passkeys-say[data-kind=good]");
    await page.click("#sign-out");
    await page.waitForSelector("#by-passkey:not([hidden])");
    assert.deepEqual(await violations(page), []);
    await page.click("#passkey");
    await page.waitForSelector("#inside:not([hidden])");
    assert.ok(await page.isHidden("#offer"));
  });

  it("sees what is held, who looked and what for", async () => {
    await page.waitForSelector("#held dd");
    const held = (await page.textContent("#held")) ?? "";
    for (const part of [name, "5-102", "6634"]) assert.ok(held.includes(part), part);
    assert.match((await page.textContent("#looked")) ?? "", /manager.*服務台辦理/);
    assert.match(held, /每筆保存 \d+ 天/); // until when
    assert.match((await page.textContent("#passes")) ?? "", /還沒有通行碼/);
    assert.deepEqual(await violations(page), []);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 360, `${wide} px`);
    await picture(page, "me-zh-TW-phone");
  });

  it("agrees to the doors she ticked and withdraws with one press, from the same place", async () => {
    await page.locator("#asking input[type=checkbox]").first().check();
    await page.click("#asking .give");
    await page.waitForSelector("#agreed .withdraw");
    await page.waitForSelector("#face-receipt:not([hidden])");
    const opened = page.context().waitForEvent("page");
    await page.click("#face-receipt button");
    const paper = await opened;
    await paper.waitForSelector("#code:not([hidden]) img");
    assert.equal(new URL(paper.url()).pathname + new URL(paper.url()).search, "/receipt");
    assert.match((await paper.textContent("#receipt")) ?? "", /同意回條.*receipt_.*已同意/);
    assert.ok(
      await paper.evaluate(() => document.querySelector<HTMLImageElement>("#qr img")!.naturalWidth > 0),
    );
    assert.equal(await page.evaluate(() => sessionStorage.length), 0, "the page keeps no receipt");
    assert.deepEqual(await violations(paper), []);
    await picture(paper, "receipt-zh-TW");
    await paper.close();
    await page.click("#agreed .withdraw");
    await page.waitForSelector("#agreed .withdraw", { state: "detached" });
    assert.ok(await page.isHidden(".give"), "who withdrew is not asked at once");
    await page.locator("#face-say", { hasText: "已撤回" }).waitFor();
    const { consents } = await api("GET", `/persons/${person}/consents`, undefined, "rights-request");
    assert.deepEqual(
      (consents as { state: string }[]).map(({ state }) => state),
      ["withdrawn"],
    );
  });

  it("makes a pass for a visitor, shown once, and stops it", async () => {
    await page.click("#pass");
    await page.waitForSelector("#pass-shown:not([hidden])");
    assert.match((await page.textContent("#pass-code")) ?? "", /^\d{4,12}$/);
    assert.ok(
      await page.evaluate(() => (document.querySelector("#pass-qr") as HTMLImageElement).naturalWidth > 0),
    );
    await page.click("#passes button");
    await page.waitForSelector("#passes .tag");
    assert.deepEqual(await violations(page), []);
  });

  it("reaches nobody else, whatever it asks", async () => {
    const other = String((await api("POST", "/persons", { name: "別人" })).id);
    const answers = await page.evaluate(
      async ([other, csrf]) => {
        const ask = async (method: string, path: string) =>
          (await fetch(`/api/v1${path}`, { method, headers: { "limen-csrf": csrf! } })).status;
        return [
          await ask("GET", `/persons/${other}/export`),
          await ask("GET", `/persons/${other}/consents`),
          await ask("GET", `/persons/${other}/passes`),
          await ask("GET", `/persons/${other}/erasures`),
          await ask("POST", `/persons/${other}/erasure`),
          await ask("DELETE", `/persons/${other}/face`),
          await ask("GET", `/persons/${other}`),
          await ask("GET", "/events"),
          await ask("GET", "/doors"),
        ];
      },
      [
        other,
        await page.evaluate(
          async () => ((await (await fetch("/api/v1/session")).json()) as { csrf: string }).csrf,
        ),
      ],
    );
    assert.ok(
      answers.every((status) => status === 403 || status === 404),
      answers.join(" "),
    );
    assert.ok((await api("GET", `/persons/${other}`, undefined, "desk-request")).name);
  });

  it("takes everything along, then has everything erased", async () => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#export")]);
    const taken = JSON.parse(readFileSync(await download.path(), "utf8")) as { person: { name: string } };
    assert.equal(taken.person.name, name);
    const [sheet] = await Promise.all([page.waitForEvent("download"), page.click("#export-page")]);
    const readable = readFileSync(await sheet.path(), "utf8");
    for (const part of [name, "6634", "保存的關於我的全部資料", "manager", "有人查看", "每筆保存"])
      assert.ok(readable.includes(part), part);
    assert.doesNotMatch(readable, /<script|\bme\.[a-z]|undefined/);
    await page.click("#erase");
    await page.waitForSelector("#sure[open]");
    assert.deepEqual(await violations(page), []);
    await page.click("#sure-yes");
    await page.waitForSelector("#gone-say[data-kind=good]");
    assert.ok(await page.isHidden("#inside")); // nothing of hers is still shown
    assert.deepEqual(await violations(page), []);
    const [saved] = await Promise.all([page.waitForEvent("download"), page.click("#gone-receipt a")]);
    const receipt = readFileSync(await saved.path(), "utf8");
    assert.ok(JSON.parse(receipt) && !receipt.includes(name));
    const [paper] = await Promise.all([
      page.context().waitForEvent("page"),
      page.click("#gone-receipt button"),
    ]);
    await paper.waitForSelector("svg, img"); // its QR code, without a session
    await paper.close();
    assert.equal(
      (await api("GET", `/persons/${person}`, undefined, "rights-request")).code,
      "person-unknown",
    );
    assert.ok(!limen.log().includes(name));
  });

  it("asked nobody outside and put nothing of hers into an address", () => {
    for (const url of seen.requests) {
      assert.ok(url.startsWith(root) || /^(blob|data):/.test(url), url);
      assert.ok(!url.includes(encodeURIComponent(name)), url);
    }
  });
});
