import assert from "node:assert/strict";
import { cardOf, giveCard, register, sitDown } from "./desk.ts";
import type { Walk } from "./stage.ts";

/** She wants no face, has no phone and needs a moment longer: a card, a tick, and a no that is not asked twice. */
export async function elder(walk: Walk): Promise<void> {
  const { page, button, good, look, stage, door, n, t } = walk;
  const name = `李奶奶 ${n}`;
  await register(walk, name);
  await giveCard(walk, cardOf(n));
  const usual = await door.opens(() => door.tap(cardOf(n)));
  const [, ...others] = stage.doors;
  assert.ok(others.length > 0);
  for (const other of others) await other.opens(() => other.tap(cardOf(n)));
  await page.getByText(t("widgets.at-doors"), { exact: true }).click();
  await page.getByLabel(t("widgets.more-time")).check();
  await button("widgets.save").last().click();
  await page.getByText(t("widgets.saved")).waitFor();
  await look("elder-desk", ".limen-widget");
  await sitDown(walk, name);
  await button("desk.refuse").first().click();
  await good();
  await sitDown(walk, name);
  await page.locator(".refused").waitFor(); // nobody asks again: what is left is her own start
  assert.equal(await button("desk.give-consent").count(), 0);
  await page.locator(".starting > summary").click();
  await page.locator(".paper > summary").first().click();
  await button("widgets.paper-signed").first().waitFor();
  await look("elder-refused", ".limen-widget");
  await new Promise((over) => setTimeout(over, 2000));
  const longer = await door.opens(() => door.tap(cardOf(n)));
  assert.ok(Number(longer.seconds) > Number(usual.seconds), `${longer.seconds} s, before ${usual.seconds} s`);
}
