import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { authenticator } from "../vault-stand.ts";
import { api, type Walk } from "./stage.ts";

/** Until one more may sign in: the same address does so more often here than a household. */
const pause = 6000;

/** On her own phone or desk: in by the link once, by a passkey from then on, and out with nothing left behind. */
export async function phone(walk: Walk): Promise<void> {
  const { page, look, stage, locale, width, n } = walk;
  const office = await stage.page("manager", locale, 1280);
  const { id } = await api(office, "POST", "/persons", { name: `赵雨 ${n}` });
  const { link } = await api(office, "POST", `/persons/${String(id)}/invitation`);
  await office.context().close();
  await authenticator(page);
  for (;;) {
    await page.goto(String(link).replace("127.0.0.1", "localhost"));
    await page.waitForSelector("#offer:not([hidden]), #say[data-kind=bad]");
    if (await page.isVisible("#offer")) break;
    await page.waitForTimeout(pause); // too many from one address: the link is still good
    await page.goto("about:blank"); // the same page with another `#` would not be asked for again
  }
  await page.click("#offer-make");
  await page.waitForSelector("#passkeys-say[data-kind=good]");
  await page.click("#sign-out");
  for (;;) {
    await page.click("#passkey");
    await page.waitForSelector("#inside:not([hidden]), #say[data-kind=bad]");
    if (await page.isVisible("#inside")) break;
    await page.waitForTimeout(pause);
  }
  await look(`phone-inside-${width}`);
  await page.locator("#asking input[type=checkbox]").first().check();
  await page.click("#asking .give");
  await page.click("#agreed .withdraw"); // no more presses than giving
  await page.waitForSelector("#agreed .withdraw", { state: "detached" });
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#export")]);
  assert.match(readFileSync(await download.path(), "utf8"), /赵雨/);
  await page.click("#erase");
  await page.click("#sure-yes");
  await page.waitForSelector("#gone-say[data-kind=good]");
  const [receipt] = await Promise.all([page.waitForEvent("download"), page.click("#gone-receipt a")]);
  assert.doesNotMatch(readFileSync(await receipt.path(), "utf8"), /赵雨/);
  await look(`phone-erased-${width}`);
}
