import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { picture, violations, watch } from "../chromium.ts";
import { type Started, started } from "../started.ts";
import { type Locale, type Words, wordsIn } from "../words.ts";

export const password = "a long password of the house";
export const staff = ["desk", "guard", "auditor", "privacy-officer"] as const;
export type Who = "manager" | (typeof staff)[number];

/** The flow that `npm start` opens with. */
export const shippedFlow = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../../flows/default.json"), "utf8"),
) as ({ type: string } & Record<string, unknown>)[];
/** Ids of its doors, in the flow's order. */
export const shippedDoors = shippedFlow
  .filter(({ type }) => type === "limen-door")
  .map(({ door }) => String(door));

/** What one walk has: a page of somebody's, in a language, at a size, and the door's devices. */
export interface Walk {
  page: Page;
  t: Words;
  locale: Locale;
  width: number;
  door: Door;
  stage: Stage;
  /** A number of its own, for names and cards. */
  n: number;
  /** A button by what it says; ours, where the page has several parts. */
  button(key: string, params?: Record<string, string | number>): ReturnType<Page["locator"]>;
  /** Where things are told: a good word has come. */
  good(): Promise<void>;
  /** Looks at the page as an auditor of barriers would, and keeps a picture. */
  look(name: string, within?: string): Promise<void>;
}

/** One running Limen, its staff signed in once, and the devices of its doors. */
export class Stage {
  readonly limen: Started;
  readonly url: string;
  readonly doors: readonly Door[];
  readonly #browser: Browser;
  readonly #states = new Map<Who, Awaited<ReturnType<BrowserContext["storageState"]>>>();

  private constructor(limen: Started, browser: Browser, doors: readonly Door[]) {
    this.limen = limen;
    this.url = limen.url.replace("127.0.0.1", "localhost"); // the only name a passkey is made for here
    this.#browser = browser;
    this.doors = doors;
  }

  /** The gate, at which most of the walks are. */
  get door(): Door {
    return this.doors[0]!;
  }

  static async open(browser: Browser, flow?: readonly object[]): Promise<Stage> {
    const limen = await started(flow);
    const doors = await Promise.all(shippedDoors.map((id) => Door.plug(limen.mqttPort, id)));
    const stage = new Stage(limen, browser, doors);
    await stage.#signIn("manager", "manager", limen.password);
    const manager = await stage.page("manager", "en-US", 1280);
    for (const role of staff) {
      const { http } = await api(manager, "POST", "/staff", { name: `walk-${role}`, role, password });
      assert.equal(http, 201, role);
      await stage.#signIn(role, `walk-${role}`, password);
    }
    await manager.context().close();
    return stage;
  }

  async close(): Promise<void> {
    await Promise.all(this.doors.map((door) => door.unplug()));
    await this.limen.stop();
  }

  /** A page of somebody who has signed in; of nobody without `who`. */
  async page(who: Who | undefined, locale: Locale, width: number): Promise<Page> {
    const state = who === undefined ? undefined : this.#states.get(who);
    const context = await this.#browser.newContext({
      locale,
      viewport: { width, height: width < 500 ? 740 : 900 },
      acceptDownloads: true,
      ...(state ? { storageState: state } : {}),
    });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    if (who !== undefined) await page.goto(`${this.url}/sign-in`);
    return page;
  }

  async #signIn(who: Who, name: string, secret: string): Promise<void> {
    const context = await this.#browser.newContext();
    const page = await context.newPage();
    await page.goto(`${this.url}/sign-in`);
    const { http } = await api(page, "POST", "/session", { name, password: secret });
    assert.ok(http === 200 || http === 201, `${who}: ${http}`);
    const { cookies } = await context.storageState();
    this.#states.set(who, { cookies, origins: [] }); // the language is each walk's own
    await context.close();
  }

  /** Walks; nothing may have been asked of anybody outside, and no script may have failed. */
  async walk(
    who: Who | undefined,
    { locale, width, n }: { locale: Locale; width: number; n: number },
    run: (walk: Walk) => Promise<void>,
  ): Promise<void> {
    const page = await this.page(who, locale, width);
    const seen = watch(page);
    const t = wordsIn(locale);
    try {
      await run({
        page,
        t,
        locale,
        width,
        n,
        door: this.door,
        stage: this,
        button: (key, params) =>
          page
            .locator(".widget:visible, main:visible")
            .getByRole("button", { name: t(key, params), exact: true }),
        good: () => page.locator(".say[data-kind=good]:visible").last().waitFor(),
        look: async (name, within) => {
          assert.deepEqual(await violations(page, within), [], name);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth);
          assert.ok(wide <= width, `${name}: ${wide} px of ${width}`);
          await picture(page, `walk-${name}-${locale}-${width}`);
        },
      });
      // a refusal is an answer; axe's own style does not get past the policy in a shadow root
      const errors = seen.errors.filter((text) => !/status of 4\d\d|^Applying inline style/.test(text));
      assert.deepEqual(errors, []);
      for (const url of seen.requests)
        assert.match(url, /^(https?:\/\/localhost:|ws:\/\/localhost:|blob:|data:)/);
    } catch (error) {
      await picture(page, `walk-failed-${n}-${locale}-${width}`);
      throw error;
    } finally {
      await page.context().close();
    }
  }
}

/** The devices of one door on the broker: a reader, a contact, and the lock that hears commands. */
export class Door {
  readonly opened: { seconds?: number }[] = [];
  readonly #client: MqttClient;
  readonly #door: string;

  private constructor(client: MqttClient, door: string) {
    this.#client = client;
    this.#door = door;
  }

  static async plug(port: number, id: string): Promise<Door> {
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4 });
    const door = new Door(client, id);
    client.on("message", (_, payload) =>
      door.opened.push(JSON.parse(String(payload)) as { seconds?: number }),
    );
    await client.subscribeAsync(`limen/${id}/relay/set`);
    return door;
  }

  unplug(): Promise<void> {
    return this.#client.endAsync(true);
  }

  say(topic: string, payload: string | Buffer): void {
    this.#client.publish(`limen/${this.#door}/${topic}`, payload);
  }

  /** Lays a card on: RDM6300's frame of a number as it is printed in ten decimal digits. */
  tap(printed: string): void {
    const hex = `01${Number(printed).toString(16).toUpperCase().padStart(8, "0")}`;
    const sum = Buffer.from(hex, "hex").reduce((xor, byte) => xor ^ byte, 0);
    const check = sum.toString(16).toUpperCase().padStart(2, "0");
    this.say("reader", Buffer.from(`\x02${hex}${check}\x03`, "latin1"));
  }

  /** @returns what the lock was told, once it was */
  async opens(act: () => unknown): Promise<{ seconds?: number }> {
    const before = this.opened.length;
    await act();
    const end = Date.now() + 10_000;
    while (this.opened.length === before) {
      if (Date.now() > end) throw new Error("the door did not open");
      await new Promise((again) => setTimeout(again, 20));
    }
    return this.opened.at(-1)!;
  }
}

/** Asks the API as the page's own script would. */
export const api = (
  page: Page,
  method: string,
  path: string,
  body?: object,
): Promise<Record<string, unknown> & { http: number }> =>
  page.evaluate(
    async ([method, path, body]) => {
      const session = await fetch("/api/v1/session");
      const { csrf } = session.ok ? ((await session.json()) as { csrf: string }) : { csrf: "" };
      const headers = { "limen-csrf": csrf, ...(body ? { "content-type": "application/json" } : {}) };
      const answer = await fetch(`/api/v1${path}`, { method: method!, headers, body: body ?? null });
      const text = await answer.text();
      return { ...(text ? JSON.parse(text) : {}), http: answer.status };
    },
    [method, path, body ? JSON.stringify(body) : null] as const,
  );
