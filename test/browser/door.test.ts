import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { screenCookie, screenToken } from "../../nodes/api/screens.ts";
import { attempt, attemptId } from "../api/stand.ts";
import { haveChromium, keepsItself, launch, picture, violations, watch } from "./chromium.ts";
import { demoStand } from "./demo-stand.ts";

type Demo = Awaited<ReturnType<typeof demoStand>>;
const record = { index: 7, origin: "test" };

/** The screen on a door's wall, over a scripted vault: codes, results, voice, and what it does when nobody answers. */
describe("the door's screen in Chromium", () => {
  let s: Demo;
  let browser: Browser | undefined;

  before(async () => {
    if (!haveChromium) return;
    s = await demoStand();
    s.handlers["door.screen"] = () => ({
      id: "gate",
      name: "North gate",
      ways: ["card", "pin", "phone", "face", "guard"],
      face: true,
      simulated: false,
      camera: "screen",
      pad: true,
      phone: "at-door",
    });
    s.handlers["door.presence"] = () => ({ code: "123456", seconds: 30 });
    s.handlers.event = () => ({ index: 1, origin: "test" });
    browser = await launch();
  });
  beforeEach(function () {
    if (!browser) this.skip();
    s.forward(3_600_000);
    s.asked.length = 0;
    s.acts.act = () => Promise.resolve(attemptId);
    s.acts.outcome = () => Promise.resolve(attempt({ outcome: "granted", code: "granted" }));
  });
  after(async () => {
    await browser?.close();
    await s?.close();
  });

  const withPage = async (
    walk: (page: Page, context: BrowserContext) => Promise<void>,
    options: Parameters<Browser["newContext"]>[0] = {},
  ) => {
    const context = await browser!.newContext({
      locale: "en-US",
      viewport: { width: 1280, height: 900 },
      ...options,
    });
    // paired: the door is real
    const value = screenToken(Buffer.alloc(32, 7), "gate", Date.now() + 3_600_000);
    await context.addCookies([{ name: screenCookie, value, url: s.root }]);
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    // a voice of the device, and one that would ask its maker's server
    await page.addInitScript(() => {
      const said: [string, string][] = [];
      Object.assign(globalThis, { said });
      const voices = [
        { lang: "en-US", localService: false, name: "cloud" },
        { lang: "zh-CN", localService: true, name: "own" },
        { lang: "en-GB", localService: true, name: "own" },
      ];
      Object.defineProperty(globalThis, "speechSynthesis", {
        value: {
          getVoices: () => voices,
          cancel: () => undefined,
          speak: (one: { text: string; voice: { name: string; lang: string } }) =>
            said.push([`${one.voice.name} ${one.voice.lang}`, one.text]),
        },
      });
      Object.assign(globalThis, {
        SpeechSynthesisUtterance: class {
          text: string;
          constructor(text: string) {
            this.text = text;
          }
        },
      });
    });
    const seen = watch(page);
    try {
      await page.goto(`${s.root}/door/gate`);
      await page.waitForSelector(".way");
      await walk(page, context);
      assert.deepEqual(
        seen.requests.filter((url) => !url.startsWith(s.root) && !/^(blob|data):/.test(url)),
        [],
      );
    } finally {
      await context.close();
    }
  };
  const said = (page: Page) =>
    page.evaluate(() => (globalThis as unknown as { said: [string, string][] }).said);
  const told = (page: Page, kind: string) => page.waitForSelector(`#say[data-kind=${kind}]`);

  it("say which way is out of order, and have the guard called", () => {
    const whole = s.handlers["door.screen"]!;
    s.handlers["door.screen"] = (...asked) => ({ ...(whole(...asked) as object), out: ["card"] }) as never;
    return withPage(async (page) => {
      assert.equal(await page.locator(".way[data-out]").count(), 1);
      assert.match((await page.textContent(".way[data-out]")) ?? "", /Card.*Out of order/s);
      await page.click("#aloud");
      assert.match((await said(page)).join(), /Card: Out of order/);
      assert.equal(await page.isEnabled("#help"), true);
      assert.deepEqual(await violations(page), []);
    }).finally(() => {
      s.handlers["door.screen"] = whole;
    });
  });

  it("take a code: big keys, sent once and whole, shown as a count alone, gone afterwards", () =>
    withPage(async (page) => {
      const sent: string[] = [];
      s.acts.act = (_door, kind, details) => {
        sent.push(`${kind} ${(details as { digits: string }).digits}`);
        return Promise.resolve(attemptId);
      };
      s.acts.outcome = () => Promise.resolve(attempt({ outcome: "denied", code: "wrong-pin", record }));
      await page.click("#type-code");
      await page.waitForSelector("#pad[open]");
      for (const box of await page.$$eval(".key", (keys) =>
        keys.map((key) => key.getBoundingClientRect().height),
      ))
        assert.ok(box >= 60, `${box} px`);
      await page.click(".key >> text=1");
      await page.click("#pad-ok");
      assert.equal(await page.getAttribute("#pad-say", "data-kind"), "warn"); // too short: nothing is sent
      await page.keyboard.type("357");
      assert.equal(await page.textContent("#pad-dots"), "●●●●");
      assert.match((await page.textContent("#pad-count")) ?? "", /4/);
      assert.deepEqual(await violations(page), []);
      await picture(page, "door-pad");
      assert.ok(!(await page.content()).includes("1357"));
      await page.keyboard.press("#");
      await page.waitForSelector("#pad-say[data-kind=bad]");
      assert.deepEqual(sent, ["pin 1357"]);
      assert.equal(await page.textContent("#pad-dots"), "");
      s.acts.outcome = () => Promise.resolve(attempt({ outcome: "granted", code: "granted", record }));
      await page.keyboard.type("24680");
      await page.keyboard.press("Backspace");
      await page.click("#pad-ok");
      await page.waitForSelector("#pad", { state: "hidden" });
      await told(page, "good");
      assert.deepEqual(sent, ["pin 1357", "pin 2468"]);
      const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
      assert.ok(!/1357|2468/.test(kept));
    }));

  it("mix the digits where somebody looks on, another way each time", () =>
    withPage(async (page) => {
      await page.click("#type-code");
      const keys = () => page.$$eval(".key", (all) => all.map((key) => key.textContent).join(""));
      const plain = await keys();
      assert.match(plain, /^123456789⌫0/);
      const orders = new Set<string>();
      for (let n = 0; n < 6; n++) {
        await page.click("#pad-shuffle");
        orders.add(await keys());
        await page.click("#pad-shuffle");
      }
      assert.equal(await keys(), plain);
      assert.ok(orders.size > 3);
      for (const order of orders) assert.equal([...order.replace(/\D/g, "")].sort().join(""), "0123456789");
    }));

  it("show and say what became of a card, in the resident's own language, from its own sentences", () =>
    withPage(async (page) => {
      await page.waitForSelector("html[data-line=live]");
      s.tell({
        event: "attempt",
        attempt: attempt({ method: "card", outcome: "granted", code: "granted", record }),
        language: "zh-CN",
      });
      await told(page, "good");
      assert.equal(await page.getAttribute("#say", "lang"), "zh-CN");
      assert.match((await page.textContent("#say")) ?? "", /门/);
      assert.deepEqual((await said(page)).at(-1)?.[0], "own zh-CN");
      await picture(page, "door-card-granted");
      s.tell({ event: "look", camera: "c", running: true, door: "gate", hint: "face-too-small" });
      await told(page, "warn");
      assert.match((await page.textContent("#say")) ?? "", /closer/);
      assert.match((await said(page)).at(-1)?.[1] ?? "", /closer/);
      s.tell({
        event: "attempt",
        attempt: attempt({
          id: "01JD0000000000000000000001",
          outcome: "denied",
          code: "credential-blocked",
          record,
        }),
      });
      await told(page, "bad");
      assert.equal(await page.getAttribute("#say", "lang"), "en-US");
      assert.equal((await said(page)).at(-1)?.[0], "own en-GB"); // never the maker's server
      s.tell({
        event: "attempt",
        attempt: attempt({
          id: "01JD0000000000000000000002",
          outcome: "denied",
          code: "<b>buy now</b>" as never,
          record,
        }),
      });
      await page.waitForFunction(() =>
        /not known here/.test(document.querySelector("#say")?.textContent ?? ""),
      );
      assert.ok(!(await page.content()).includes("buy now"));
      assert.deepEqual(await violations(page), []);
      await page.click("#voice"); // off
      const before = (await said(page)).length;
      s.tell({
        event: "attempt",
        attempt: attempt({
          id: "01JD0000000000000000000003",
          outcome: "denied",
          code: "outside-hours",
          record,
        }),
      });
      await page.waitForFunction(() => /hour/.test(document.querySelector("#say")?.textContent ?? ""));
      assert.equal((await said(page)).length, before);
    }));

  it("call the guard, read itself aloud, and show the code a phone needs here", () =>
    withPage(async (page) => {
      await page.waitForFunction(() =>
        /123 456/.test(document.querySelector("#presence")?.textContent ?? ""),
      );
      await page.click("#aloud");
      assert.match((await said(page)).at(-1)?.[1] ?? "", /North gate.*card/is);
      await page.click("#help");
      await told(page, "good");
      assert.deepEqual(s.asked.findLast(({ verb }) => verb === "event")?.request, {
        door: "gate",
        kind: "help-asked",
      });
    }));

  it("say so when the vault is away, and come back by itself", async () => {
    // the same server, whose stream is told by hand
    const [app] = s.server.listeners("request") as ((req: IncomingMessage, res: ServerResponse) => void)[];
    let stream: ServerResponse | undefined;
    const tellAll = (up: boolean) => stream?.write(`event: vault\ndata: ${JSON.stringify({ up })}\n\n`);
    s.server.removeAllListeners("request").on("request", (req: IncomingMessage, res: ServerResponse) => {
      if (!req.url?.endsWith("/stream")) return app!(req, res);
      stream = res.writeHead(200, { "content-type": "text/event-stream" });
      stream.write('event: hello\ndata: {"run":"1","beatMs":20000}\n\n');
      tellAll(true);
    });
    try {
      await withPage(async (page) => {
        await page.waitForSelector("#type-code:not(:disabled)");
        while (!stream) await page.waitForTimeout(20);
        tellAll(false);
        await page.waitForSelector("#line[data-kind=warn]");
        assert.match((await page.textContent("#line")) ?? "", /cannot decide/);
        assert.ok(await page.isDisabled("#use-face"));
        tellAll(true);
        await page.waitForFunction(() => document.querySelector("#line")?.textContent === "");
        assert.ok(await page.isEnabled("#type-code"));
      });
    } finally {
      stream?.destroy();
      s.server.removeAllListeners("request").on("request", app!);
    }
  });

  it("survive a restart of the box: the page opens without it, says that cards go on, and recovers", () =>
    withPage(async (page) => {
      await keepsItself(page, ["/pages/door/words/zh-CN.json"]);
      const { port } = s.server.address() as AddressInfo;
      const down = new Promise((resolve) => s.server.close(resolve));
      s.server.closeAllConnections();
      await down;
      try {
        await page.reload();
        await page.waitForSelector("#line[data-kind=warn]");
        assert.equal(await page.textContent("#name"), "North gate");
        assert.match((await page.textContent("#line")) ?? "", /Cards and codes go on/);
        assert.ok(await page.isDisabled("#use-face"));
        assert.ok(await page.isDisabled("#type-code"));
        await page.selectOption("select[data-languages]", "zh-CN");
        await page.waitForFunction(() => /刷卡/.test(document.querySelector("#line")?.textContent ?? ""));
        assert.deepEqual(await violations(page), []);
        await picture(page, "door-offline");
      } finally {
        await new Promise<void>((resolve) => s.server.listen(port, "127.0.0.1", resolve));
      }
      await page.waitForFunction(() => document.querySelector("#line")?.textContent === "", undefined, {
        timeout: 20_000,
      });
      await page.waitForSelector("#type-code:not(:disabled)");
      const stored = await page.evaluate(async () =>
        (await (await caches.open("limen-door-1")).keys()).map(({ url }) => new URL(url).pathname),
      );
      assert.ok(
        stored.every((path) => /^\/(pages|door|notice)\//.test(path)),
        stored.join(" "),
      );
    }));

  for (const [locale, viewport] of [
    ["zh-TW", { width: 360, height: 740 }],
    ["zh-CN", { width: 360, height: 740 }],
    ["en-US", { width: 640, height: 450 }], // a desktop at 200 %
    ["en-US", { width: 1280, height: 900 }],
  ] as const)
    it(`keep to the width, large and in high contrast, in ${locale} at ${viewport.width} px`, () =>
      withPage(
        async (page) => {
          const fits = async (what: string) => {
            const [inner, wide] = await page.evaluate(() => [
              innerWidth,
              document.documentElement.scrollWidth,
            ]);
            assert.ok(wide! <= inner!, `${what}: ${wide} px wide in ${inner}`);
            assert.deepEqual(await violations(page), [], what);
          };
          await fits("plain");
          await page.click("#contrast");
          await fits("contrast");
          await page.click("#large");
          await fits("large and contrast");
          await picture(page, `door-large-contrast-${locale}-${viewport.width}`);
          await page.click("#type-code");
          await fits("keypad");
          const ok = await page.locator("#pad-ok").boundingBox();
          assert.ok(ok);
          await page.locator("#pad-close").scrollIntoViewIfNeeded();
          await picture(page, `door-pad-${locale}-${viewport.width}`);
        },
        { locale, viewport },
      ));

  it("be worked by keyboard alone: switches, code, help", () =>
    withPage(async (page) => {
      const reached: string[] = [];
      for (let n = 0; n < 16; n++) {
        await page.keyboard.press("Tab");
        reached.push((await page.evaluate(() => document.activeElement?.id)) ?? "");
      }
      for (const id of ["large", "contrast", "voice", "type-code", "use-face", "help", "aloud", "notice"])
        assert.ok(reached.includes(id), `${id} in ${reached.join(" ")}`);
      await page.focus("#type-code");
      await page.keyboard.press("Enter");
      await page.waitForSelector("#pad[open]");
      await page.keyboard.type("2468");
      for (let n = 0; n < 14; n++) {
        if ((await page.evaluate(() => document.activeElement?.id)) === "pad-ok") break;
        await page.keyboard.press("Tab");
      }
      await page.keyboard.press("Enter");
      await told(page, "good");
      assert.equal(await page.evaluate(() => document.activeElement?.id), "type-code"); // back where one was
    }));
});
