import { cardOf, giveCard, register } from "./desk.ts";
import type { Walk } from "./stage.ts";

/** The card is lost: nothing opens with it from the press on, and a new one works within the minute. */
export async function lostCard(walk: Walk): Promise<void> {
  const { page, button, look, door, n, t } = walk;
  const [lost, fresh] = [cardOf(n, 1), cardOf(n, 2)];
  await register(walk, `陈美玲 ${n}`);
  await giveCard(walk, lost);
  await button("widgets.block").click();
  await page.getByText(t("widgets.credential-blocked"), { exact: true }).waitFor();
  const before = door.opened.length;
  door.tap(lost);
  await button("widgets.tap").click();
  await page.locator(".say", { hasText: /9|九|Nine/ }).waitFor();
  await new Promise((over) => setTimeout(over, 300));
  door.tap(fresh);
  await page.getByText(`…${fresh.slice(-4)}`).waitFor();
  if (door.opened.length !== before) throw new Error("a lost card opened the door");
  await new Promise((over) => setTimeout(over, 2000));
  await door.opens(() => door.tap(fresh));
  await look("lost-card", ".limen-widget");
}
