import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { operatorAuth } from "../../vault/protocol/common.ts";
import { estate } from "../vault/rig.ts";
import { haveChromium, launch, picture, violations, watch } from "./chromium.ts";
import { authenticator, type VaultStand, vaultStand } from "./vault-stand.ts";

const password = "violet anchor mosaic 12";
const elevenMinutes = 11 * 60_000;

/** Signing in on a real vault, with the authenticator that Chromium brings for tests. */
describe("passkeys in Chromium", () => {
  let s: VaultStand;
  let browser: Browser | undefined;
  let root = "";

  before(async () => {
    if (!haveChromium) return;
    s = await vaultStand();
    root = `http://localhost:${s.port}`;
    browser = await launch();
    await s.rig.client.call("configure", estate());
    for (const [name, role] of [
      ["Chen", "manager"],
      ["Wu", "desk"],
    ] as const)
      await s.rig.operator.call("staff.add", { auth: operatorAuth, name, role, password });
  });
  beforeEach(function () {
    if (!browser) this.skip();
    s.forward(3_600_000); // limits by address refill
  });
  after(async () => {
    await browser?.close();
    await s?.close();
  });

  const withPage = async (
    walk: (page: Page, context: BrowserContext) => Promise<void>,
    options: Parameters<Browser["newContext"]>[0] = {},
  ) => {
    const context = await browser!.newContext({ locale: "en-US", acceptDownloads: true, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    const seen = watch(page);
    try {
      await walk(page, context);
      for (const url of seen.requests)
        assert.ok(
          /^(http:\/\/(localhost|127\.0\.0\.1):|http:\/\/192\.168\.1\.20\/|blob:|data:)/.test(url),
          url,
        );
      assert.deepEqual(
        // asked who is here; asked to prove it; axe's own style in a shadow root; plain http
        seen.errors.filter(
          (text) =>
            !/40[13]|^Applying inline style|^The Cross-Origin-Opener-Policy header has been ignored/.test(
              text,
            ),
        ),
        [],
      );
    } finally {
      await context.close();
    }
  };
  const signIn = async (page: Page, name: string, next = "/account") => {
    await page.goto(`${root}/sign-in?next=${encodeURIComponent(next)}`);
    await page.fill("#name", name);
    await page.fill("#password", password);
    await page.click("#by-password");
  };
  const desk = async () =>
    (await s.rig.operator.call("token.create", { auth: operatorAuth, role: "desk", label: "desk", days: 1 }))
      .token;
  /** As on a browser that was offered a passkey before. */
  const notAsked = (page: Page) => page.addInitScript(() => localStorage.setItem("limen-passkey-asked", "1"));
  const stored = async ({ cdp, id }: Awaited<ReturnType<typeof authenticator>>) =>
    (await cdp.send("WebAuthn.getCredentials", { authenticatorId: id })).credentials;

  it("are offered after a password, and open next time by themselves", () =>
    withPage(async (page) => {
      const phone = await authenticator(page);
      await signIn(page, "Chen");
      await page.waitForSelector("#offer:not([hidden])");
      assert.deepEqual(await violations(page), []);
      await picture(page, "sign-in-offer");
      await page.click("#make");
      await page.waitForURL(/\/account$/);
      await page.waitForSelector("#passkeys strong");
      const [credential] = await stored(phone);
      assert.equal(credential?.rpId, "localhost");
      assert.equal(credential?.isResidentCredential, true);
      await page.click("#sign-out");
      await page.waitForURL(/\/sign-in$/);
      await page.waitForSelector("#passkey:not([hidden])");
      await picture(page, "sign-in-passkey");
      await page.click("#passkey");
      await page.waitForURL(/\/welcome$/);
      assert.equal((await (await page.request.get(`${root}/api/v1/session`)).json()).role, "manager");
    }));

  it("are named and removed on one's own page; the device asked once is not nagged again", () =>
    withPage(async (page) => {
      const phone = await authenticator(page);
      await signIn(page, "Wu");
      await page.click("#later");
      await page.waitForURL(/\/account$/);
      await page.fill("#label", "Desk PC");
      await page.click("#make button");
      await page.waitForSelector("#passkeys-say[data-kind=good]");
      assert.equal((await stored(phone)).length, 1);
      assert.match((await page.textContent("#passkeys")) ?? "", /Desk PC/);
      await page.fill("#passkeys input", "Front desk");
      await page.click("#passkeys form button");
      await page.waitForFunction(
        () => document.querySelector("#passkeys strong")?.textContent === "Front desk",
      );
      await page.click("#passkeys li > button");
      await page.waitForFunction(() => !document.querySelector("#passkeys strong"));
      assert.ok(await page.isHidden("#staff")); // accounts are the manager's
      await page.click("#sign-out");
      await page.waitForURL(/\/sign-in$/);
      await signIn(page, "Wu");
      await page.waitForURL(/\/account$/);
      await page.click("#sign-out");
      await page.waitForURL(/\/sign-in$/);
      await page.click("#passkey");
      await page.waitForSelector("#say[data-kind=bad]"); // removed here: the device still has it, and it opens nothing
    }));

  it("prove that it is still oneself, in place: what was typed stays, and goes on", () =>
    withPage(async (page) => {
      await authenticator(page);
      await notAsked(page);
      await signIn(page, "Chen");
      await page.waitForSelector("#staff:not([hidden])");
      s.forward(elevenMinutes);
      const names = async () =>
        (await s.rig.operator.call("staff.list", { auth: operatorAuth })).staff.map(({ name }) => name);
      await page.fill("#add-name", "Lin");
      await page.selectOption("#add-role", "guard");
      await page.fill("#add-password", "river candle orbit 7");
      await page.click("#add button");
      await page.waitForSelector("#prove dialog[open]");
      assert.deepEqual(await violations(page), []);
      await picture(page, "prove-dialog");
      await page.keyboard.press("Escape");
      await page.waitForSelector("#staff-say[data-kind=bad]");
      assert.equal(await page.inputValue("#add-name"), "Lin");
      assert.ok(!(await names()).includes("Lin"));
      await page.click("#add button");
      await page.fill("#prove input[type=password]", "wrong wrong wrong");
      await page.click("#prove form button");
      await page.waitForSelector("#prove .say[data-kind=bad]");
      await page.fill("#prove input[type=password]", password);
      await page.keyboard.press("Enter");
      await page.waitForSelector("#staff-say[data-kind=good]");
      assert.ok((await names()).includes("Lin"));

      await page.fill("#label", "Mine");
      await page.click("#make button"); // fresh now: no question
      await page.waitForSelector("#passkeys-say[data-kind=good]");
      s.forward(elevenMinutes);
      await page.click('#accounts button[aria-label="Reset: Lin"]');
      await page.click('#sure button[value="yes"]');
      await page.click("#prove button.main"); // by passkey
      await page.waitForSelector("#staff-say[data-kind=good]");
      assert.match((await page.textContent("#staff-say")) ?? "", /Lin: [0-9a-z-]{24}/);
      const { log } = s.rig.vault.services;
      const what = log.query({ classes: ["configuration"], limit: 20 }).map(({ fields }) => fields?.what);
      for (const one of ["staff-added", "staff-reset", "passkey-added"]) assert.ok(what.includes(one), one);
    }));

  it("a manager gives an ended account back, and ends a program's way in", () =>
    withPage(async (page) => {
      await s.rig.operator.call("staff.add", { auth: operatorAuth, name: "Sun", role: "guard", password });
      const kiosk = { auth: operatorAuth, role: "desk", label: "kiosk", days: 30 } as const;
      const { token } = await s.rig.operator.call("token.create", kiosk);
      await notAsked(page);
      await signIn(page, "Chen");
      const press = async (label: string) => {
        await page.click(`button[aria-label="${label}"]`);
        await page.click('#sure button[value="yes"]');
        await page.waitForSelector("#staff-say[data-kind=good]");
      };
      await press("End: Sun");
      await press("Give back: Sun");
      assert.match((await page.textContent("#staff-say")) ?? "", /Sun: [0-9a-z-]{24}/);
      assert.ok(!((await page.textContent("#tokens")) ?? "").includes(token));
      assert.deepEqual(await violations(page), []);
      await picture(page, "account-staff");
      await press("Revoke: kiosk");
      await page.locator("#tokens li", { hasText: "kiosk" }).waitFor({ state: "detached" });
      await assert.rejects(s.rig.client.call("session.check", { auth: token }), { code: "not-signed-in" });
    }));

  it("keep two tabs in step: one proves, the other goes on", () =>
    withPage(async (page, context) => {
      await notAsked(page);
      await signIn(page, "Wu");
      await page.waitForSelector("#inside:not([hidden])");
      const other = await context.newPage();
      await other.goto(`${root}/account`);
      await other.waitForSelector("#inside:not([hidden])");
      s.forward(elevenMinutes);
      await page.bringToFront(); // browsers make no passkeys behind one's back
      await authenticator(page);
      await page.click("#make button");
      await page.fill("#prove input[type=password]", password);
      await page.click("#prove form button");
      await page.waitForSelector("#passkeys-say[data-kind=good]");
      await other.fill("#current", password);
      await other.fill("#new", "quiet maple lantern 3");
      await other.click("#password button");
      await other.waitForSelector("#password-say[data-kind=good]");
      await other.fill("#current", "quiet maple lantern 3");
      await other.fill("#new", password);
      await other.click("#password button");
      await other.waitForFunction(
        () => (document.querySelector("#current") as HTMLInputElement).value === "",
      );
    }));

  it("take a resident from the desk's link to a way of their own, and to erasing it all", () =>
    withPage(
      async (page) => {
        const phone = await authenticator(page);
        const auth = await desk();
        const { id: person } = await s.rig.client.call("person.create", { auth, name: "王芳" });
        const { invitation } = await s.rig.client.call("resident.invite", { auth, person });
        await page.goto(`${root}/me#${invitation}`);
        await page.waitForSelector("#offer:not([hidden])");
        assert.deepEqual(await violations(page), []);
        await picture(page, "me-offer-zh-CN-phone");
        await page.click("#offer-make");
        await page.waitForSelector("#passkeys-say[data-kind=good]");
        assert.ok(await page.isHidden("#offer"));
        const [credential] = await stored(phone);
        assert.ok(!JSON.stringify(credential).includes("王芳"));
        await page.click("#sign-out");
        await page.waitForSelector("#by-passkey:not([hidden])");
        assert.deepEqual(await violations(page), []);
        await picture(page, "me-outside-zh-CN-phone");
        await page.click("#passkey");
        await page.waitForSelector("#inside:not([hidden])");
        assert.match((await page.textContent("#held")) ?? "", /王芳/);
        s.forward(elevenMinutes);
        await page.click("#erase");
        await page.click("#sure-yes");
        await page.click("#prove button.main");
        await page.waitForSelector("#gone-say[data-kind=good]");
        assert.ok(await page.isHidden("#inside"));
        await page.reload();
        await page.click("#passkey");
        await page.waitForSelector("#say[data-kind=bad]"); // the phone still has it; here it is nobody's
      },
      { locale: "zh-CN", viewport: { width: 360, height: 740 } },
    ));

  it("say what to do where there can be none: at an address made of numbers", () =>
    withPage(async (page) => {
      for (const path of ["/sign-in", "/me"]) {
        await page.goto(`http://127.0.0.1:${s.port}${path}`);
        await page.waitForSelector("#why:not([hidden])");
        assert.match((await page.textContent("#why")) ?? "", new RegExp(`http://localhost:${s.port}`));
        assert.ok(await page.isHidden("#passkey"));
        if (path === "/sign-in")
          assert.ok(await page.isHidden("#plain"), "on the box itself nothing leaves it");
        assert.deepEqual(await violations(page), []);
      }
      await picture(page, "me-no-passkeys");
      // plain http in the site's network, as a tablet or phone would have it
      await page.route("http://192.168.1.20/**", async (route) => {
        const { pathname } = new URL(route.request().url());
        await route.fulfill({ response: await page.request.fetch(root + pathname) });
      });
      await page.goto("http://192.168.1.20/sign-in");
      await page.waitForSelector("#why:not([hidden])");
      assert.match((await page.textContent("#why")) ?? "", /https and a name.*LIMEN_URL/);
      assert.ok(await page.isHidden("#passkey"));
      assert.ok(await page.isVisible("#by-password"));
      for (const [language, says] of [
        ["zh-CN", /本页未加密传输/],
        ["zh-TW", /本頁未加密傳輸/],
        ["en-US", /came without encryption/],
      ] as const) {
        await page.selectOption("[data-languages]", language);
        await page.getByText(says).waitFor();
      }
      assert.ok(await page.isVisible("#plain"));
      assert.deepEqual(await violations(page), []);
      await picture(page, "sign-in-plain-http");
    }));

  for (const [locale, viewport, what] of [
    ["en-US", { width: 640, height: 450 }, "a desktop at 200 %"],
    ["zh-CN", { width: 360, height: 740 }, "a phone"],
    ["zh-TW", { width: 360, height: 740 }, "a phone"],
    ["zh-TW", { width: 320, height: 256 }, "a desktop at 400 %"],
  ] as const)
    it(`pages of signing in read well in ${locale} on ${what}`, () =>
      withPage(
        async (page) => {
          const check = async (path: string) => {
            assert.equal(await page.getAttribute("html", "lang"), locale, path);
            assert.deepEqual(await violations(page), [], path);
            const [inner, wide] = await page.evaluate(() => [
              innerWidth,
              document.documentElement.scrollWidth,
            ]);
            assert.ok(wide! <= inner!, `${path}: ${wide} px wide in ${inner}`);
            const text = (await page.textContent("body")) ?? "";
            assert.doesNotMatch(text, /\b(shared|account|me|role)\.[a-z]/, path);
          };
          await authenticator(page);
          await notAsked(page);
          await page.goto(`${root}/sign-in`);
          await page.waitForSelector("#passkey:not([hidden])");
          await check("/sign-in");
          await page.goto(`${root}/me`);
          await page.waitForSelector("#by-passkey:not([hidden])");
          await check("/me");
          const auth = await desk();
          const { id } = await s.rig.client.call("person.create", { auth, name: "Wang Fang", flat: "3-201" });
          const { invitation } = await s.rig.client.call("resident.invite", { auth, person: id });
          await page.goto(`${root}/welcome`); // so that the next address is another page, and not another part of this one
          await page.goto(`${root}/me#${invitation}`);
          await page.waitForSelector("#inside:not([hidden])");
          await page.waitForSelector("#held dd");
          await check("/me, inside");
          await page.keyboard.press("Tab");
          assert.equal(await page.evaluate(() => document.activeElement?.className), "skip");
          await page.click("#sign-out");
          await page.waitForSelector("#by-passkey:not([hidden])");
          await signIn(page, "Chen");
          await page.waitForSelector("#accounts li");
          await page.click("#make button");
          await page.waitForSelector("#passkeys-say[data-kind=good]");
          await check("/account");
          await picture(page, `account-${locale}-${viewport.width}`);
          await page.click("#passkeys li:last-child > button");
          await page.waitForSelector("#passkeys-say[data-kind=good]");
        },
        { locale, viewport },
      ));

  it("are had, used and given up by keyboard alone", () =>
    withPage(async (page) => {
      await authenticator(page);
      await notAsked(page);
      const focus = () => page.evaluate(() => document.activeElement?.id ?? "");
      const tabTo = async (id: string) => {
        for (let n = 0; n < 40; n++) {
          if ((await focus()) === id) return;
          await page.keyboard.press("Tab");
        }
        assert.fail(`never reached #${id}`);
      };
      await page.goto(`${root}/sign-in?next=/account`);
      await page.waitForSelector("#passkey:not([hidden])");
      assert.equal(await focus(), "passkey");
      await tabTo("name");
      await page.keyboard.type("Wu");
      await tabTo("password");
      await page.keyboard.type(password);
      await page.keyboard.press("Enter");
      await page.waitForURL(/\/account$/);
      await page.waitForSelector("#inside:not([hidden])");
      await tabTo("label");
      await page.keyboard.press("Enter");
      await page.waitForSelector("#passkeys-say[data-kind=good]");
      s.forward(elevenMinutes);
      await tabTo("confirm");
      await page.keyboard.press("Enter");
      await page.waitForSelector("#prove dialog[open]");
      assert.equal(
        await page.evaluate(() => document.querySelector("#prove")?.shadowRoot?.activeElement?.className),
        "main",
      );
      await page.keyboard.press("Enter"); // by passkey
      await page.waitForSelector("#confirm-say[data-kind=good]");
      await tabTo("sign-out");
      await page.keyboard.press("Enter");
      await page.waitForURL(/\/sign-in$/);
      await tabTo("passkey");
      await page.keyboard.press("Enter");
      await page.waitForURL(/\/welcome$/);
    }));

  it("are at no address but the site's own: another name of this box is told so by the vault", async () => {
    const ask = (origin: string) =>
      fetch(`http://127.0.0.1:${s.port}/api/v1/session/passkey/challenge`, {
        method: "POST",
        headers: { origin, "sec-fetch-site": "same-origin" },
      }).then((answer) => answer.json() as Promise<{ code: string }>);
    assert.equal((await ask("https://evil.example")).code, "passkey-no-address");
    assert.equal((await ask(`http://127.0.0.1:${s.port}`)).code, "passkey-no-address");
  });

  it("leave no name, password or passkey in what the vault says", () => {
    const said = s.rig.lines.join("\n");
    for (const secret of ["王芳", "Chen", password]) assert.ok(!said.includes(secret));
    assert.ok(!readFileSync(join(s.rig.data, "people.db")).includes("王芳"));
  });
});
