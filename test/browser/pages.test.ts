import assert from "node:assert/strict";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { attempt } from "../api/stand.ts";
import { haveChromium, launch, picture, violations, watch } from "./chromium.ts";
import { demoStand } from "./demo-stand.ts";

type Demo = Awaited<ReturnType<typeof demoStand>>;
const sizes = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 900 } };

/** Every page by itself, over a scripted vault. The whole story on the real system is in `newcomer.test.ts`. */
describe("pages in Chromium", () => {
  let s: Demo;
  let browser: Browser | undefined;

  before(async () => {
    if (!haveChromium) return;
    s = await demoStand();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await s?.close();
  });

  const withPage = async (
    options: Parameters<Browser["newContext"]>[0],
    walk: (page: Page, context: BrowserContext) => Promise<void>,
  ) => {
    s.forward(3_600_000);
    const context = await browser!.newContext({ locale: "en-US", ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    const seen = watch(page);
    try {
      await walk(page, context);
      assert.deepEqual(
        seen.requests.filter((url) => !url.startsWith(s.root) && !/^(blob|data):/.test(url)),
        [],
      );
      assert.deepEqual(
        seen.errors.filter((text) => !text.includes("401")), // asking who is signed in, before anyone is
        [],
      );
    } finally {
      await context.close();
    }
  };
  const signIn = async (page: Page) => {
    await page.goto(`${s.root}/simulator`);
    await page.fill("#name", "manager");
    await page.fill("#password", "right");
    await page.click("#sign-in-form button");
    await page.waitForSelector("#stage:not([hidden], [inert])");
  };
  const noSideways = async (page: Page, what: string) => {
    const [inner, wide] = await page.evaluate(() => [innerWidth, document.documentElement.scrollWidth]);
    assert.ok(wide! <= inner!, `${what}: ${wide} px wide in ${inner}`);
  };

  for (const locale of ["en-US", "zh-CN", "zh-TW"])
    for (const [size, viewport] of Object.entries(sizes))
      it(`read well in ${locale} on a ${size}: no barrier, no overflow, nothing untranslated`, async function () {
        if (!browser) this.skip();
        // one picture of each: a phone in Chinese, a desktop in English
        const kept = (size === "phone") === locale.startsWith("zh-CN");
        await withPage({ locale, viewport }, async (page) => {
          for (const path of [
            "/welcome",
            "/sign-in",
            "/simulator",
            "/door/gate",
            "/notice/gate",
            "/receipt",
          ]) {
            await page.goto(s.root + path);
            await page.waitForFunction(() => document.querySelector("h1")?.textContent);
            assert.equal(await page.getAttribute("html", "lang"), locale, path);
            assert.deepEqual(await violations(page), [], path);
            await noSideways(page, path);
            const text = (await page.textContent("body")) ?? "";
            assert.doesNotMatch(
              text,
              /\b(shared|simulator|desk|door|notice|welcome|role|method)\.[a-z]/,
              path,
            );
            if (kept) await picture(page, `${path.slice(1).replace("/", "-")}-${locale}-${size}`);
          }
          await signIn(page);
          await page.waitForSelector("#notice p");
          assert.deepEqual(await violations(page), [], "simulator, signed in");
          await noSideways(page, "simulator, signed in");
          if (kept) await picture(page, `simulator-in-${locale}-${size}`);
        });
      });

  it("send a reader's bytes and obey a relay's command once, never a kept or a late one", async function () {
    if (!browser) this.skip();
    await withPage({ viewport: sizes.desktop }, async (page) => {
      const read = new Promise<Buffer>((resolve) => {
        s.broker.on("publish", ({ topic, payload }) => {
          if (topic === "limen/gate/reader") resolve(payload as Buffer);
        });
      });
      await signIn(page);
      await page.click(".plastic");
      assert.equal((await read).toString("latin1"), "\x0201026F6C3A3A\x03");

      const door = () => page.getAttribute(".scene", "data-door");
      const send = (payload: object, retain = false) =>
        new Promise<void>((resolve, reject) => {
          const packet = {
            cmd: "publish" as const,
            topic: "limen/gate/relay/set",
            payload: JSON.stringify(payload),
          };
          s.broker.publish({ ...packet, qos: 0, retain, dup: false }, (error) =>
            error ? reject(error) : resolve(),
          );
        });
      const soon = new Date(Date.now() + 5000).toISOString();
      await send({ id: "late", expires: "2020-01-01T00:00:00Z", params: { on: true, toggle_after: 5 } });
      await send({ id: "endless", expires: soon, params: { on: true } });
      await send({ id: "one", expires: soon, params: { on: true, toggle_after: 1 } });
      await page.waitForSelector('.scene[data-door="open"]');
      await page.waitForSelector('.scene[data-door="closed"]');
      await send({ id: "one", expires: soon, params: { on: true, toggle_after: 1 } });
      await send({ id: "mark", expires: soon, params: { on: false } });
      await page.waitForTimeout(200);
      assert.equal(await door(), "closed");
      await send({ id: "kept", expires: soon, seconds: 30 }, true);
      await page.waitForSelector('.scene[data-door="open"]'); // live it counts
      await page.reload();
      await page.waitForSelector(".scene");
      await page.waitForTimeout(400);
      assert.equal(await door(), "closed"); // kept by the broker it does not
    });
  });

  it("walk the desk's five steps by keyboard alone", async function () {
    if (!browser) this.skip();
    await withPage({ viewport: sizes.desktop, permissions: ["camera"] }, async (page) => {
      await signIn(page);
      const press = async (selector: string) => {
        await page.waitForSelector(`${selector}:not(:disabled)`);
        await page.focus(selector);
        await page.keyboard.press("Enter");
      };
      await page.focus("#person-name");
      await page.keyboard.type('王芳<img src=x onerror="document.title=1">');
      await page.keyboard.press("Enter");
      await page.waitForSelector("#person-tag:not([hidden])");
      assert.match((await page.textContent("#person-tag")) ?? "", /<img src=x/); // text stays text
      await press("#give-card");
      await page.waitForSelector("#card-tag:not([hidden])");
      await press("#consent");
      await page.waitForSelector("#consent-receipt:not([hidden])");
      await press("#webcam");
      await press("#enrol");
      await page.waitForSelector("#enrol-say[data-kind=good]");
      assert.equal(s.asked.findLast(({ verb }) => verb === "face.enrol")!.blobs.length, 5);
      await press("#withdraw");
      await page.waitForSelector("#erasure-receipt:not([hidden])");
      assert.deepEqual(await violations(page), []);
      await picture(page, "simulator-after-withdrawal");
    });
  });

  it("send no picture before the button, and none after the answer", async function () {
    if (!browser) this.skip();
    await withPage({ viewport: sizes.desktop, permissions: ["camera"] }, async (page) => {
      let answer: (() => void) | undefined;
      s.acts.outcome = () =>
        new Promise((resolve) => {
          answer = () => resolve(attempt({ outcome: "denied", code: "no-match" }));
        });
      const frames = () => s.asked.filter(({ verb }) => verb === "frame").length;
      s.asked.length = 0;
      await page.goto(`${s.root}/door/gate`);
      await page.waitForSelector("#use-face");
      await page.waitForTimeout(500);
      assert.equal(frames(), 0);
      for (let failures = 1; failures <= 2; failures++) {
        await page.click("#use-face");
        await page.waitForSelector("#view:not([hidden])");
        while (frames() < 3 * failures) await page.waitForTimeout(50);
        answer!();
        await page.waitForSelector("#view", { state: "hidden" });
        const sent = frames();
        await page.waitForTimeout(400);
        assert.equal(frames(), sent);
        const suggested = await page.locator('[data-suggested="true"]').count();
        assert.equal(suggested, failures === 2 ? 3 : 0); // RD-08: the other ways, after the second failed look
      }
      assert.deepEqual(await violations(page), []);
      await picture(page, "door-after-two-looks");
    });
  });

  for (const [locale, words] of [
    ["en-US", /Now turn your head to your left.*Or use another way: Card/],
    ["zh-CN", /请把头转向您的左边.*也可以使用其他方式：/],
    ["zh-TW", /請把頭轉向您的左邊.*也可以使用其他方式：/],
  ] as const) {
    it(`show what a door asks of whoever it recognised, with the other ways beside it (${locale})`, async function () {
      if (!browser) this.skip();
      await withPage({ locale, viewport: sizes.phone, permissions: ["camera"] }, async (page) => {
        let answer: (() => void) | undefined;
        s.acts.outcome = () =>
          new Promise((resolve) => {
            answer = () => resolve(attempt({ outcome: "granted", code: "granted" }));
          });
        const { frame } = s.handlers;
        s.handlers.frame = () => ({ wanted: true, ask: "turn-left" });
        try {
          await page.goto(`${s.root}/door/gate`);
          await page.click("#use-face");
          await page.getByText(words).first().waitFor();
          await noSideways(page, "a request");
          await picture(page, `door-turn-${locale}`);
        } finally {
          s.handlers.frame = frame!;
          answer?.();
        }
        await page.waitForSelector("#view", { state: "hidden" });
        assert.deepEqual(await violations(page), []);
      });
    });
  }

  it("become a door's screen once staff signed in, and lead nobody astray on the way", async function () {
    if (!browser) this.skip();
    await withPage({ viewport: sizes.desktop }, async (page, context) => {
      await page.goto(`${s.root}/door/gate?pair`);
      await page.waitForURL(/\/sign-in\?next=/);
      const sign = async () => {
        await page.fill("#name", "manager");
        await page.fill("#password", "right");
        await page.click("form button");
      };
      await sign();
      await page.click("#pair");
      await page.waitForSelector("#say[data-kind=good]");
      const cookies = await context.cookies();
      assert.deepEqual(
        cookies.map(({ name, httpOnly }) => [name, httpOnly]),
        [["limen_screen", true]],
      );
      for (const next of [
        "https://elsewhere.example/x",
        "//elsewhere.example",
        "javascript:alert(1)",
        "/\\elsewhere.example",
      ]) {
        await page.goto(`${s.root}/sign-in?next=${encodeURIComponent(next)}`);
        await sign();
        await page.waitForURL(/\/welcome$/);
      }
    });
  });

  it("give every way in the same room on the door's screen", async function () {
    if (!browser) this.skip();
    await withPage({ viewport: sizes.desktop }, async (page) => {
      await page.goto(`${s.root}/door/gate`);
      await page.waitForSelector(".way");
      const boxes = await page.$$eval(".way", (ways) =>
        ways.map((way) => `${Math.round(way.clientWidth)}x${Math.round(way.clientHeight)}`),
      );
      assert.equal(boxes.length, 4);
      assert.equal(new Set(boxes).size, 1, boxes.join(" "));
      await page.click("#large");
      await noSideways(page, "large text");
      assert.deepEqual(await violations(page), []);
    });
  });
});
