import { ask } from "../shared/api.ts";
import { t } from "../shared/words.ts";
import type { Screen } from "./ways.ts";

let shown: { code: string; until: number } | undefined;
let timer: number | undefined;
let asking = false;

/** Shows the short code by which a phone proves that it is at this door, and the next one when it is over. */
export function showPresence(door: string, screen: Screen): void {
  const place = document.getElementById("presence");
  if (!place || screen.phone !== "at-door") return;
  const left = shown ? shown.until - performance.now() : 0;
  place.textContent =
    shown && left > 0 ? t("door.presence", { code: shown.code.replace(/(...)(...)/, "$1 $2") }) : "";
  clearTimeout(timer);
  if (left > 0) timer = window.setTimeout(() => showPresence(door, screen), left + 50);
  else void renew(door, screen);
}

async function renew(door: string, screen: Screen): Promise<void> {
  if (asking) return;
  asking = true;
  try {
    const { code, seconds } = await ask<{ code: string; seconds: number }>("GET", `/doors/${door}/presence`);
    shown = { code, until: performance.now() + seconds * 1000 };
    showPresence(door, screen);
  } catch {
    shown = undefined; // the next look at the door asks again
  } finally {
    asking = false;
  }
}
