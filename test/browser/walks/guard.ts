import assert from "node:assert/strict";
import type { Walk } from "./stage.ts";

/** At the gate: what doors do, never who; help with a reason; an alarm that comes and goes; a lockdown lifted. */
export async function guard({ page, t, button, look, door, stage }: Walk): Promise<void> {
  door.say("contact", "closed");
  await page.goto(`${stage.url}/dashboard/door-wall`);
  const gate = page.locator(".door").first();
  await gate.getByLabel(t("widgets.reason"), { exact: true }).selectOption("courier");
  const { seconds = 5 } = await door.opens(
    () => void gate.getByRole("button", { name: t("widgets.open"), exact: true }).click(),
  );
  await gate.locator(".say[data-kind=good]").waitFor();
  // the opening is over, also one for somebody who needed longer just before: what opens now is forced
  await new Promise((over) => setTimeout(over, seconds * 1000 + 1500));
  door.say("contact", "open");
  await gate.locator(".alarms li", { hasText: t("event.forced") }).waitFor();
  await look("guard-forced", ".limen-widget");
  door.say("contact", "closed");
  await gate.locator(".alarms li").first().waitFor({ state: "detached" });
  await gate.getByText(t("widgets.lock"), { exact: true }).click();
  await gate.getByRole("button", { name: t("widgets.lock-now") }).click();
  await gate.locator(".tag[data-kind=bad]", { hasText: t("widgets.lockdown") }).waitFor();
  const before = door.opened.length;
  door.tap("0040899999");
  await gate.locator(".last", { hasText: t("method.card") }).waitFor();
  assert.equal(door.opened.length, before);
  await look("guard-lockdown", ".limen-widget");
  await gate.getByRole("button", { name: t("widgets.unlock") }).click();
  await gate.locator(".tag[data-kind=bad]").waitFor({ state: "detached" });
  assert.doesNotMatch(await page.locator("body").innerText(), /王小明|李奶奶|陈美玲|小宝/);
  await page.goto(`${stage.url}/dashboard/residents`);
  await page.locator(".widget:visible").waitFor();
  assert.equal(await button("desk.register").count(), 0);
}
