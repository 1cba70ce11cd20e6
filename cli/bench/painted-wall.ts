import { existsSync } from "node:fs";
import { chromiumPath } from "./chromium.ts";

/** A door wall in a real browser, which tells when a tile was painted anew. */
export interface PaintedWall {
  close(): Promise<void>;
}

/**
 * Opens the dashboard's page of doors as a guard's browser would.
 * @param cookie of a session, `name=value`
 * @param painted called with a door's id and the wall clock's ms, after what its tile says had changed and the browser had drawn it
 * @returns undefined where there is no browser: it is a developer's package, and Chromium the machine's
 */
export async function paintedWall(
  url: string,
  cookie: string,
  painted: (door: string, at: number) => void,
): Promise<PaintedWall | undefined> {
  const playwright = (await import("playwright-core" as string).catch(() => undefined)) as
    | typeof import("playwright-core")
    | undefined;
  if (!playwright || !existsSync(chromiumPath)) return undefined;
  const browser = await playwright.chromium.launch({
    executablePath: chromiumPath,
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
  });
  const context = await browser.newContext({ locale: "en-US", viewport: { width: 1280, height: 900 } });
  const [name, value] = cookie.split("=") as [string, string];
  await context.addCookies([{ name, value, url }]);
  const page = await context.newPage();
  await page.exposeFunction("painted", painted);
  await page.goto(`${url}/dashboard/door-wall`);
  await page.locator(".door .last").last().waitFor();
  await page.evaluate(async () => {
    const answer = await fetch("/api/v1/doors");
    const { doors } = (await answer.json()) as { doors: { id: string }[] };
    const { painted } = window as unknown as { painted(door: string, at: number): void };
    const rootOf = (of: Document | ShadowRoot): ShadowRoot | undefined => {
      for (const { shadowRoot } of of.querySelectorAll("*")) {
        if (shadowRoot?.querySelector(".door")) return shadowRoot;
        const deeper = shadowRoot && rootOf(shadowRoot);
        if (deeper) return deeper;
      }
      return undefined;
    };
    const root = rootOf(document)!;
    const said = new Map<string, string>();
    const look = (tell: boolean): void => {
      for (const [at, tile] of [...root.querySelectorAll(".door")].entries()) {
        const { id } = doors[at]!; // the wall keeps the flow's order
        const last = tile.querySelector(".last");
        const words = `${last?.textContent} ${last?.nextElementSibling?.textContent}`;
        const changed = said.get(id) !== words;
        said.set(id, words);
        if (!changed || !tell) continue;
        // the task after the next frame's own: by then it is drawn
        requestAnimationFrame(() => setTimeout(() => painted(id, Date.now())));
      }
    };
    look(false);
    new MutationObserver(() => look(true)).observe(root, {
      subtree: true,
      childList: true,
      characterData: true,
    });
  });
  return { close: () => browser.close() };
}
