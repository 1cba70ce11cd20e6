import { ask, Problem } from "../shared/api.ts";
import { make, run, tell } from "../shared/dom.ts";
import { t } from "../shared/words.ts";
import { eventsOf, showEvents } from "../simulator/events.ts";
import type { View } from "./mount.ts";

/** The record of all doors, the log's signed head, and the auditor's check of it. */
export const record: View = async (place) => {
  const table = make("div");
  const head = make("pre", { class: "small", tabindex: "0" });
  const said = make("div", { class: "say", role: "status" });
  const button = make("button", { type: "button" }, t("widgets.check-log"));
  button.addEventListener("click", () => {
    void run(button, said, async () => {
      const { findings, size } = await ask<{ findings: { code: string; place: string }[]; size: number }>(
        "GET",
        "/log/coverage",
      );
      if (findings.length === 0) tell(said, t("widgets.log-whole", { size }), "good");
      else tell(said, t("widgets.log-gaps", { count: findings.length }), "bad");
    });
  });
  place.replaceChildren(
    make("h3", {}, t("widgets.log")),
    head,
    button,
    said,
    make("h3", {}, t("widgets.events")),
    table,
  );
  const refresh = async () => {
    try {
      const [events, checkpoint] = await Promise.all([eventsOf(undefined, 50), fetch("/log/checkpoint")]);
      showEvents(table, events, true);
      head.textContent = checkpoint.ok ? await checkpoint.text() : "";
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      table.replaceChildren(make("p", { class: "say" }, error.message));
    }
  };
  await refresh();
  const timer = setInterval(() => void refresh(), 5000);
  return () => clearInterval(timer);
};
