import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { chromiumPath } from "../../cli/bench/chromium.ts";

const artifacts = fileURLToPath(new URL("../artifacts/", import.meta.url));
const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

export const haveChromium = existsSync(chromiumPath);

/** Debian's Chromium, headless, with a camera that shows a test pattern and no word to anyone outside. */
export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--use-fake-device-for-media-stream=fps=10", // what a look expects of a camera; more is only drawn
      "--use-fake-ui-for-media-stream",
    ],
  });

/** Keeps a picture of the page in `test/artifacts/`, for eyes. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(artifacts, { recursive: true });
  await page.screenshot({ path: join(artifacts, `${name}.png`), fullPage: true });
}

/**
 * What axe finds against WCAG 2.0 to 2.2, A and AA: one line a finding.
 * @param within a part of the page, by selector; the whole without
 */
export async function violations(page: Page, within?: string): Promise<string[]> {
  await page.evaluate(axeSource());
  const found = await page.evaluate(async (within) => {
    const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
    const { violations } = await axe.run(within ?? document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    });
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`,
    );
  }, within);
  return found;
}

let axeText: string | undefined;
function axeSource(): string {
  axeText ??= readFileSync(axePath, "utf8");
  return axeText;
}

/** Fails the page's test on a script error, and gathers every address it asked for. */
export function watch(page: Page): { errors: string[]; requests: string[] } {
  const seen = { errors: [] as string[], requests: [] as string[] };
  page.on("pageerror", (error) => seen.errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") seen.errors.push(message.text());
  });
  page.on("request", (request) => seen.requests.push(request.url()));
  return seen;
}

/** Waits until a door's screen keeps all it needs to open while the box is away (pages/door/worker.js). */
export async function keepsItself(page: Page, also: readonly string[] = []): Promise<void> {
  const isKept = () =>
    page.evaluate(async (also) => {
      const cache = await caches.open("limen-door-1");
      const kept = (await cache.keys()).map(({ url }) => new URL(url).pathname);
      const loaded = performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname);
      const needed = loaded.filter((path) => /^\/(pages|notice)\//.test(path));
      return (
        navigator.serviceWorker.controller !== null &&
        [location.pathname, ...also, ...needed].every((path) => kept.includes(path))
      );
    }, also);
  while (!(await isKept())) await page.waitForTimeout(50);
}
