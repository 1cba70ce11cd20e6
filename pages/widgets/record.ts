import { ask } from "../shared/api.ts";
import { make, tell } from "../shared/dom.ts";
import { has, t, time } from "../shared/words.ts";
import { eventsOf, showEvents } from "../simulator/events.ts";
import { action, empty, keep, sayHere, table } from "./kit.ts";
import type { View } from "./mount.ts";

interface Look {
  index: number;
  day: string;
  at?: string;
  name?: string;
  role?: string;
  purpose?: string;
}

interface Coverage {
  findings: { code: string; place: string }[];
  size: number;
  summary: string;
}

interface Decided {
  doors: { name: string; lacking: { sentence: string }[] }[];
}

/** Who may read door events here; the others read the rest. */
const readsEvents = new Set(["manager", "auditor"]);

/** The log's signed head and the auditor's check, who of staff looked, what was decided, and the record of all doors. */
export const record: View = async (place, role) => {
  const events = make("div", {
    class: "scroll",
    tabindex: "0",
    role: "region",
    "aria-label": t("widgets.events"),
  });
  const parts = [
    make("h3", {}, t("widgets.log")),
    await head(),
    make("h3", {}, t("widgets.looks")),
    await looks(),
    make("h3", {}, t("widgets.papers")),
    await papers(),
    ...(readsEvents.has(role) ? [make("h3", {}, t("widgets.events")), events] : []),
  ];
  place.replaceChildren(...parts);
  if (!readsEvents.has(role)) return () => undefined;
  const refresh = async () => showEvents(events, await eventsOf(undefined, 50), true);
  await refresh();
  const timer = setInterval(() => void refresh().catch(() => undefined), 5000);
  return () => clearInterval(timer);
};

/** The checkpoint as it is published, the check of it, and how anybody checks it without us. */
async function head(): Promise<HTMLElement> {
  const said = sayHere();
  const found = make("ul", { class: "things" });
  const counts = make("span");
  const [checkpoint, health] = await Promise.all([
    fetch("/log/checkpoint").then((answer) => (answer.ok ? answer.text() : "")),
    ask<{ log?: { vkey: string } }>("GET", "/health"),
  ]);
  const check = action(t("widgets.check-log"), said, async () => {
    const { findings, size, summary } = await ask<Coverage>("GET", "/log/coverage");
    found.replaceChildren(...findings.map(({ code, place }) => make("li", {}, `${place}: ${code}`)));
    if (findings.length === 0) tell(said, t("widgets.log-whole", { size }), "good");
    else tell(said, t("widgets.log-gaps", { count: findings.length }), "bad");
    counts.replaceChildren(keep(summary, "coverage.json", t("widgets.coverage-save")));
  });
  const how = make(
    "details",
    {},
    make("summary", {}, t("widgets.verify")),
    make("p", {}, t("widgets.verify-how")),
    make(
      "pre",
      { class: "small", tabindex: "0" },
      "limen verify FOLDER --key KEY --checkpoint KEPT.txt --coverage coverage.json",
    ),
    make("p", { class: "soft small" }, t("widgets.verify-key")),
    make("pre", { class: "small", tabindex: "0" }, health.log?.vkey ?? ""),
  );
  const text = checkpoint
    ? [
        make("pre", { class: "small", tabindex: "0" }, checkpoint),
        keep(checkpoint, "checkpoint.txt", t("widgets.checkpoint-save")),
      ]
    : [empty(t("widgets.no-checkpoint"))];
  return make(
    "div",
    { class: "stack" },
    ...text,
    make("div", { class: "row" }, check, counts),
    said,
    found,
    how,
  );
}

/** Which of staff looked at residents' data and what for; at whose, only that resident sees. */
async function looks(): Promise<HTMLElement> {
  const { looks } = await ask<{ looks: Look[] }>("GET", "/look-ups?limit=50");
  if (looks.length === 0) return empty(t("widgets.looks-none"));
  return table(
    t("widgets.looks"),
    [t("simulator.record-when"), t("widgets.looks-who"), t("widgets.looks-why")],
    looks.map(({ at, day, name, role, purpose }) => [
      at ? time(at) : day,
      name
        ? t("shared.signed-in", { name, role: has(`role.${role}`) ? t(`role.${role}`) : (role ?? "") })
        : t("widgets.gone"),
      purpose ? t(`widgets.purpose-${purpose}`) : "",
    ]),
  );
}

/** At each door with a face: that its papers are in force, or what they lack (RD-56, RD-57). */
async function papers(): Promise<HTMLElement> {
  const { doors } = await ask<Decided>("GET", "/decisions");
  const list = make("dl");
  for (const { name, lacking } of doors) {
    const words = lacking.map(({ sentence }) => make("p", {}, sentence));
    list.append(
      make("dt", {}, name),
      make("dd", {}, ...(words.length > 0 ? words : [t("widgets.papers-whole")])),
    );
  }
  return make("div", { class: "stack" }, list, make("p", { class: "soft small" }, t("widgets.papers-hint")));
}
