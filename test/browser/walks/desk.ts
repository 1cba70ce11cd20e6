import type { Walk } from "./stage.ts";

/** A card of this walk's own, as it is printed. */
export const cardOf = (n: number, which = 0): string => String(40_900_000 + n * 10 + which).padStart(10, "0");

/** Registers somebody at the desk and opens the entry. */
export async function register({ page, t, button, stage }: Walk, name: string): Promise<void> {
  await page.goto(`${stage.url}/dashboard/residents`);
  await page.getByLabel(t("widgets.name-or-flat")).fill(name);
  await button("desk.register").click();
  await button("widgets.look").click();
}

/** Gives the card with this number to whoever is open. */
export async function giveCard({ page, t, button }: Walk, number: string): Promise<void> {
  await page.getByLabel(t("desk.number")).fill(number);
  await button("desk.give-card").click();
  await page.getByText(`…${number.slice(-4)}`).waitFor();
}

/** Opens somebody at the consent desk. */
export async function sitDown({ page, t, button, stage }: Walk, name: string): Promise<void> {
  await page.goto(`${stage.url}/dashboard/consent`);
  await page.getByLabel(t("widgets.name-or-flat")).fill(name);
  await button("desk.find").click();
  await button("widgets.to-consent").click();
}

/** Says yes for the first door of the first notice: ticked where there are several, in one press where there is one. */
export async function agree({ page, button }: Walk, yes: string): Promise<void> {
  const first = page.locator(".question").first();
  await first.waitFor();
  const box = first.locator(".ticks input").first();
  if ((await box.count()) > 0) await box.check();
  await button(yes).first().click();
}
