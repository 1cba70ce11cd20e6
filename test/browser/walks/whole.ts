import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { facesFolder, modelsDir, picturePath } from "../../core/faces/data.ts";
import { picture } from "../chromium.ts";
import { agree, cardOf, giveCard, register, sitDown } from "./desk.ts";
import type { Walk } from "./stage.ts";

/** A face for each walk: what one that failed has left enrolled is nobody's to the next. */
const faces = [
  "asian/ChinaTarget_102/102_1.jpg",
  "asian/ChinaTarget_103/103_6.jpg",
  "asian/ChinaTarget_104/104_1.jpg",
  "asian/ChinaTarget_107/107_1.jpg",
  "asian/ChinaTarget_109/109_2.jpg",
] as const;
const herself = (n: number): string => picturePath(faces[n % faces.length]!);

/** From an unknown name to a receipt, as the desk does it: and the card opens before, with and after. */
export async function whole(walk: Walk): Promise<void> {
  const { page, button, good, look, door, n, t } = walk;
  const name = `王小明 ${n}`;
  await register(walk, name);
  await giveCard(walk, cardOf(n));
  await door.opens(() => door.tap(cardOf(n)));
  await look("whole-card", ".limen-widget");
  await sitDown(walk, name);
  await page.locator(".notice h4").first().waitFor();
  await look("whole-notice", ".limen-widget");
  await agree(walk, "desk.give-consent");
  await page.getByRole("link", { name: t("desk.download") }).waitFor();
  if (existsSync(modelsDir) && existsSync(facesFolder)) {
    await page.setInputFiles("input[type=file]", herself(n));
    await button("desk.enrol").click();
    const said = page.locator(".enrolment > .say:last-child");
    await page.locator(".enrolment > .say:last-child[data-kind]:not([data-kind=''])").waitFor();
    assert.equal(await said.getAttribute("data-kind"), "good", (await said.textContent()) ?? "");
    await look("whole-enrolled", ".limen-widget");
    await door.opens(() => showFace(walk));
  }
  await button("desk.withdraw-now").click();
  await good();
  const receipt = page.getByRole("link", { name: t("desk.download") }).last();
  const [download] = await Promise.all([page.waitForEvent("download"), receipt.click()]);
  assert.ok(JSON.parse(readFileSync(await download.path(), "utf8")));
  await look("whole-withdrawn", ".limen-widget");
  await new Promise((over) => setTimeout(over, 2000)); // the reader takes a card for the same one until then
  await door.opens(() => door.tap(cardOf(n)));
}

/** At the simulated gate with this picture for a camera: a press, and again where the look was not quick enough. */
async function showFace({ page, stage, n }: Walk): Promise<void> {
  const gate = await page.context().newPage();
  await gate.goto(`${stage.url}/simulator`);
  await gate.waitForSelector("#stage:not([hidden], [inert])");
  await gate.setInputFiles("#file", herself(n));
  for (let tries = 1; ; tries++) {
    await gate.click("#use-face:not(:disabled)");
    await gate.waitForSelector("#door-say:is([data-kind=good], [data-kind=bad])").catch(async (error) => {
      await picture(gate, `walk-failed-gate-${n}`);
      throw error;
    });
    const said = gate.locator("#door-say");
    if ((await said.getAttribute("data-kind")) === "good") break;
    if (tries === 4) assert.fail((await said.textContent()) ?? "");
  }
  await gate.close();
}
