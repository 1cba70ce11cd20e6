import assert from "node:assert/strict";
import type { Browser, Page, Request } from "playwright-core";
import { pages } from "../../../nodes/api/pages.ts";
import { views as widgets } from "../../../nodes/ui-limen/config.ts";
import { haveChromium, launch, picture, violations } from "../chromium.ts";
import { wordsIn } from "../words.ts";
import { cardOf } from "./desk.ts";
import { mark, marksIn, sow, sownElements, sownFlow } from "./sow.ts";
import { api, Stage, shippedDoors, shippedFlow } from "./stage.ts";

const somebody = "周敏";
const t = wordsIn("zh-CN");

/** The dashboard's pages in the shipped flow. */
const views = shippedFlow.filter(({ type }) => type === "ui-page").map(({ path }) => `/dashboard${path}`);
/** Every page of ours, at every door where it is one of a door. */
const ours = pages.flatMap(([path]) => {
  if (typeof path === "string") return [path];
  const [, first] = /^\^\\\/(\w+)/.exec(path.source)!;
  return shippedDoors.map((door) => `/${first}/${door}`);
});

/** Operations whose words no page shows, each with its reason. */
const unshown: Record<string, string> = {
  "POST /persons": "written over by PATCH /persons/{id}",
  "POST /processors": "written over by PUT /processors/{id}",
};

/** Every page there is, with a sign in every field anybody can write. */
describe("every page", () => {
  let browser: Browser | undefined;
  let stage: Stage;
  let person: string;
  let fields: Map<number, string>;
  const seen = new Set<number>();
  before(async () => {
    if (!haveChromium) return;
    browser = await launch();
    const sown = sownFlow();
    stage = await Stage.open(browser, sown.flow);
    const manager = await stage.page("manager", "zh-CN", 1280);
    ({ fields, person } = await sow(manager));
    const card = { kind: "card", notation: "8H10D", number: cardOf(500) };
    assert.equal((await api(manager, "POST", `/persons/${person}/credentials`, card)).http, 201);
    await stage.door.opens(() => stage.door.tap(cardOf(500)));
    // what devices say is nobody's to trust either
    for (const topic of [
      "reader",
      "keypad",
      "qr",
      "contact",
      "exit",
      "button",
      "tamper",
      "fire",
      "feedback",
      "status",
    ])
      stage.door.say(topic, mark(2000));
    await manager.context().close();
  });
  beforeEach(function () {
    if (!browser) this.skip();
  });
  after(async () => {
    await stage?.close();
    await browser?.close();
  });

  /** Opens whatever a page keeps folded, and reads what is there, in every shadow root. */
  const read = async (page: Page, quiet: () => Promise<void>): Promise<string> => {
    for (const words of ["widgets.look", "rights.open"]) {
      const buttons = page.locator(".widget:visible").getByRole("button", { name: t(words), exact: true });
      for (const button of await buttons.all()) await button.click({ timeout: 5000 }).catch(() => undefined); // it may be gone by the one before
    }
    const texts = () =>
      page.evaluate((elements) => {
        const all: string[] = [];
        const walk = (root: Document | ShadowRoot): void => {
          for (const one of root.querySelectorAll("details")) one.open = true;
          for (const one of root.querySelectorAll("*")) {
            if (one.shadowRoot) walk(one.shadowRoot);
            if (one instanceof HTMLInputElement || one instanceof HTMLTextAreaElement) all.push(one.value);
          }
          if (root.querySelector(elements)) all.push("AN ELEMENT");
          all.push(
            root instanceof Document
              ? root.body.innerText
              : [...root.children].map(({ textContent }) => textContent).join("\n"),
          );
        };
        walk(document);
        return all.join("\n");
      }, sownElements);
    await texts();
    await quiet(); // what opening asked for
    return await texts();
  };

  /** What a page asked for and said, and whether anything stored was ever taken for more than words. */
  const visit = async (page: Page, path: string, act?: (page: Page) => Promise<void>): Promise<void> => {
    const asked: string[] = [];
    const failed: string[] = [];
    const open = new Set<Request>();
    const hear = (request: Request) => {
      asked.push(request.url());
      if (!request.url().endsWith("/stream")) open.add(request);
    };
    const over = (request: Request) => void open.delete(request);
    const quiet = async (): Promise<void> => {
      for (let n = 0, still = 0; still < 6 && n < 150; n++) {
        await page.waitForTimeout(100);
        still = open.size === 0 ? still + 1 : 0;
      }
    };
    const fail = (error: Error) => failed.push(error.message);
    page.on("request", hear);
    page.on("requestfinished", over);
    page.on("requestfailed", over);
    page.on("pageerror", fail);
    const answer = await page.goto(path.startsWith("http") ? path : `${stage.url}${path}`, {
      timeout: 90_000, // the editor is a large page
    });
    if (path.startsWith("/dashboard")) await page.locator(".widget:visible > *").first().waitFor();
    await quiet();
    await act?.(page);
    await quiet();
    let text = await read(page, quiet);
    // a page of several views shows one at a time
    for (const tab of await page.locator(".v-tab:visible").all()) {
      await tab.click();
      await quiet();
      text += await read(page, quiet);
    }
    page.off("request", hear);
    page.off("requestfinished", over);
    page.off("requestfailed", over);
    page.off("pageerror", fail);
    assert.deepEqual(failed, [], path);
    assert.ok(!text.includes("AN ELEMENT"), `${path}: what somebody wrote is an element`);
    for (const n of marksIn(text)) seen.add(n);
    for (const url of asked) {
      assert.match(url, /^(https?|wss?):\/\/localhost:|^(blob|data):/, path);
      const said = decodeURIComponent(url);
      assert.ok(!said.includes(somebody) && !said.includes(cardOf(500)), `${path}: somebody in ${url}`);
    }
    const policy = answer?.headers()["content-security-policy"] ?? "";
    if (path === "/" || path.startsWith("/dashboard")) return; // Node-RED's and the dashboard's own frames
    assert.match(policy, /default-src '(none|self)'/, path);
    assert.doesNotMatch(policy, /https?:|\*/, path);
    assert.doesNotMatch(policy, /script-src[^;]*unsafe/, path);
  };
  const visitAll = async (
    who: "manager" | undefined,
    paths: readonly string[],
    act?: (page: Page) => Promise<void>,
  ): Promise<void> => {
    const left = [...paths];
    await Promise.all(
      [1, 2, 3].map(async () => {
        const page = await stage.page(who, "zh-CN", 1280);
        for (let path = left.shift(); path !== undefined; path = left.shift()) await visit(page, path, act);
        await page.context().close();
      }),
    );
  };

  it("of the dashboard's views is in the shipped flow", () => {
    const shown = shippedFlow.filter(({ type }) => type === "ui-limen").map(({ view }) => view);
    assert.deepEqual([...shown].sort(), [...widgets].sort());
  });

  it("asks nobody outside and runs nothing but its own, for whoever comes by", () =>
    visitAll(undefined, ours));

  it("asks nobody outside and takes what is stored for words, for a manager", () =>
    visitAll("manager", ["/", ...ours, ...views], async (page) => {
      const search = page.getByLabel(t("widgets.name-or-flat"));
      if (!(await search.isVisible().catch(() => false))) return;
      await search.fill(somebody);
      await search.press("Enter");
    }));

  it("takes what is stored for words, for whose it is", async () => {
    const manager = await stage.page("manager", "zh-CN", 1280);
    const { link } = await api(manager, "POST", `/persons/${person}/invitation`);
    const page = await stage.page(undefined, "zh-CN", 360);
    await visit(page, String(link).replace("127.0.0.1", "localhost"), (me) =>
      me.waitForSelector("#inside:not([hidden])").then(() => undefined),
    );
    await page.context().close();
    await manager.context().close();
  });

  it("shows what was written, as words", () => {
    const shown = new Set([...seen].map((n) => fields.get(n)?.replace(/ \S+$/, "")));
    const never = [...new Set([...fields.values()].map((name) => name.replace(/ \S+$/, "")))].filter(
      (name) => !shown.has(name),
    );
    assert.deepEqual(never, Object.keys(unshown));
    assert.ok(
      [...seen].some((n) => n >= 1000 && n < 2000),
      "no name of the flow",
    );
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
