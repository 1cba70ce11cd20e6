import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import express from "express";
import type { CDPSession, Page } from "playwright-core";
import { mount } from "../../nodes/api/mount.ts";
import { act, outcome } from "../../nodes/lib/acts.ts";
import { openRig, type Rig } from "../vault/rig.ts";
import { builtPages } from "./built-pages.ts";

/** A real vault behind the real API and the pages, without Node-RED, with a clock that can be put forward. */
export interface VaultStand {
  rig: Rig;
  port: number;
  forward(ms: number): void;
  close(): Promise<void>;
}

export async function vaultStand({ flow }: { flow?: readonly object[] } = {}): Promise<VaultStand> {
  let ahead = 0;
  const clock = {
    now: () => new Date(Date.now() + ahead),
    monotonic: () => performance.now() + ahead,
  };
  const rig = await openRig({ clock });
  const pages = builtPages();
  const app = express();
  app.use(
    mount({
      vault: rig.client,
      acts: { act, outcome: (attempt, ms) => outcome(rig.client, attempt, ms) },
      flow: () => flow,
      draft: () => undefined,
      clock,
      screenKey: Buffer.alloc(32, 3),
      log: () => undefined,
      audit: join(rig.data, "audit"),
      pages: pages.folder,
    }),
  );
  const http = createServer(app);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return {
    rig,
    port: (http.address() as AddressInfo).port,
    forward(ms) {
      ahead += ms;
    },
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await rig.close();
      pages.remove();
    },
  };
}

/** Shows one of the dashboard's views by itself, with the page's session. */
export async function showWidget(page: Page, root: string, name: string): Promise<void> {
  await page.route("**/pages/welcome/main.js", (route) =>
    route.fulfill({ contentType: "text/javascript", body: "" }),
  );
  await page.goto(`${root}/welcome`); // for its origin and policy alone
  await page.evaluate(async (name) => {
    const { mount } = (await import("/pages/widgets/mount.js" as string)) as {
      mount(root: ShadowRoot, name: string): Promise<unknown>;
    };
    const place = document.createElement("div");
    place.className = "limen-widget";
    document.body.replaceChildren(place);
    await mount(place.attachShadow({ mode: "open" }), name);
  }, name);
}

/** Chromium's own authenticator in software: a phone whose owner always says yes. @returns its session and id */
export async function authenticator(page: Page): Promise<{ cdp: CDPSession; id: string }> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { cdp, id: authenticatorId };
}
