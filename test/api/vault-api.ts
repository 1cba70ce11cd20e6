import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import express from "express";
import { mount } from "../../nodes/api/mount.ts";
import { act, outcome } from "../../nodes/lib/acts.ts";
import { operatorAuth } from "../../vault/protocol/common.ts";
import type { Request } from "../../vault/protocol/index.ts";
import { type HandClock, handClock } from "../core/hand-clock.ts";
import { estate, openRig, type Rig } from "../vault/rig.ts";
import { rawCall } from "./stand.ts";

/** A real vault behind the real API, on a clock moved by hand. */
export interface VaultApi {
  rig: Rig;
  clock: HandClock;
  /** Of the API. */
  url: string;
  close(): Promise<void>;
}

export async function vaultApi(): Promise<VaultApi> {
  const clock = handClock();
  const rig = await openRig({ clock });
  await rig.client.call("configure", estate());
  const app = express();
  app.use(
    mount({
      vault: rig.client,
      acts: { act, outcome: (attempt, ms) => outcome(rig.client, attempt, ms) },
      flow: () => undefined,
      draft: () => undefined,
      clock,
      screenKey: Buffer.alloc(32, 3),
      log: () => undefined,
      audit: join(rig.data, "audit"),
      pages: "none",
    }),
  );
  const http = createServer(app);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return {
    rig,
    clock,
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/api/v1`,
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await rig.close();
    },
  };
}

interface Told {
  status: number;
  json: Record<string, unknown>;
}

/** A browser as far as sessions go: it keeps the cookie until its day is over, and the page's token. */
export class Browser {
  readonly #api: VaultApi;
  #cookie: { pair: string; expires: number } | undefined;
  #csrf = "";

  constructor(api: VaultApi) {
    this.#api = api;
  }

  /** The cookie it would send now. */
  get cookie(): string | undefined {
    const { clock } = this.#api;
    return this.#cookie && this.#cookie.expires > clock.now().getTime() ? this.#cookie.pair : undefined;
  }

  async ask(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Told> {
    const { cookie } = this;
    const told = await rawCall(
      `${this.#api.url}${path}`,
      method,
      {
        ...(cookie ? { cookie } : {}),
        ...(this.#csrf && method !== "GET" ? { "limen-csrf": this.#csrf } : {}),
        ...(body ? { "content-type": "application/json" } : {}),
        ...headers,
      },
      body ? JSON.stringify(body) : "",
    );
    const [set] = told.headers["set-cookie"] ?? [];
    if (set !== undefined) {
      const expires = /; Expires=([^;]+)/.exec(set)?.[1];
      this.#cookie = { pair: set.split(";")[0]!, expires: expires ? Date.parse(expires) : Infinity };
    }
    if (typeof told.json.csrf === "string") this.#csrf = told.json.csrf;
    return told;
  }
}

export const passwordOf = (name: string): string => `${name} has a long password 7391`;

/** Somebody of staff, signed in. */
export async function staffBrowser(
  api: VaultApi,
  name: string,
  role: Request<"staff.add">["role"],
): Promise<Browser> {
  const password = passwordOf(name);
  await api.rig.operator.call("staff.add", { auth: operatorAuth, name, role, password });
  const browser = new Browser(api);
  await browser.ask("POST", "/session", { name, password });
  return browser;
}
