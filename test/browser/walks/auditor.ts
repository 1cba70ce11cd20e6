import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { api, type Walk } from "./stage.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../../..");

const saved = async (page: Page, words: string): Promise<string> => {
  const link = page.locator(".widget:visible").getByRole("link", { name: words });
  const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
  return await download.path();
};

/** The log is whole, by this page and by the command on another computer; who looked is there, at whom is not. */
export async function auditor({ page, t, button, good, look, stage }: Walk): Promise<void> {
  await page.goto(`${stage.url}/dashboard/record`);
  await button("widgets.check-log").click();
  await good();
  const checkpoint = await saved(page, t("widgets.checkpoint-save"));
  const coverage = await saved(page, t("widgets.coverage-save"));
  const { log } = (await api(page, "GET", "/health")) as unknown as { log: { vkey: string } };
  const audit = join(stage.limen.data, "audit");
  const { stdout } = await run(join(root, "node_modules/.bin/node"), [
    join(root, "dist/cli/limen.js"),
    "verify",
    audit,
    "--key",
    log.vkey,
    "--checkpoint",
    checkpoint,
    "--coverage",
    coverage,
  ]);
  assert.ok(stdout.length > 0);
  const altered = `${checkpoint}-altered`;
  writeFileSync(altered, readFileSync(checkpoint, "utf8").replace(/^(.*\n)(\d+)/, "$11"));
  await assert.rejects(
    run(join(root, "node_modules/.bin/node"), [
      join(root, "dist/cli/limen.js"),
      "verify",
      audit,
      "--key",
      log.vkey,
      "--checkpoint",
      altered,
    ]),
  );
  assert.doesNotMatch(await page.locator("body").innerText(), /王小明|李奶奶|陈美玲|小宝/);
  await look("auditor-record", ".limen-widget");
  await page.goto(`${stage.url}/dashboard/parity`);
  await page.locator(".widget:visible table").first().waitFor();
  await look("auditor-parity", ".limen-widget");
}
