import { agree, cardOf, giveCard, register, sitDown } from "./desk.ts";
import type { Walk } from "./stage.ts";

/** A child has a card like anybody; whether its face is used a guardian decides, who is asked and can take it back. */
export async function child(walk: Walk): Promise<void> {
  const { page, button, look, door, n, t } = walk;
  const name = `小宝 ${n}`;
  await register(walk, name);
  await giveCard(walk, cardOf(n));
  await door.opens(() => door.tap(cardOf(n)));
  await sitDown(walk, name);
  await page.locator("summary", { hasText: t("rights.child-question", { age: 14 }) }).click();
  await page.getByLabel(t("rights.child-birth")).fill(`${new Date().getFullYear() - 9}-05-01`);
  await button("rights.child-save").click();
  await page.getByLabel(t("rights.child-relation")).waitFor();
  await look("child-guardian", ".limen-widget");
  await page.getByLabel(t("rights.child-relation")).selectOption("parent");
  await agree(walk, "rights.child-yes");
  await page.getByRole("link", { name: t("desk.download") }).waitFor();
  await button("desk.withdraw-now").click();
  await page.locator(".say", { hasText: t("desk.withdrawn") }).waitFor();
}
