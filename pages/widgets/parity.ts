import { ask } from "../shared/api.ts";
import { make } from "../shared/dom.ts";
import { type Emergency, emergencyText } from "../shared/emergency.ts";
import { about, currentLanguage, t } from "../shared/words.ts";
import { named } from "./emergency.ts";
import { choice, empty, field, table } from "./kit.ts";
import type { View } from "./mount.ts";

interface Way {
  method: string;
  tries: number;
  opened: number;
  success?: number;
  median_ms?: number;
  p95_ms?: number;
  uptime: number;
  slower: boolean;
  less_up: boolean;
}

interface Parity {
  doors: { id: string; name: string; ways: Way[] }[];
  partial: boolean;
}

/** Whoever refuses a face opens the same doors as quickly: here is whether that is so (RD-05). */
export const parity: View = async (place) => {
  const days = choice(["1", "7", "30"], "widgets.days-");
  days.value = "7";
  const doors = make("div", { class: "stack", "aria-live": "polite" });
  const asked = make("ul", { class: "asked" });
  place.replaceChildren(
    make("p", { class: "soft" }, t("widgets.parity-hint")),
    field(t("widgets.period"), days),
    asked,
    doors,
  );
  const show = async () => {
    doors.setAttribute("aria-busy", "true");
    const [found, { emergencies }] = await Promise.all([
      ask<Parity>("GET", `/parity?days=${days.value}`),
      ask<{ emergencies: (Emergency & { doors: string[]; running: boolean })[] }>("GET", "/emergencies"),
    ]);
    asked.replaceChildren(
      ...emergencies
        .filter(({ running }) => running)
        .map((one) => make("li", {}, about(named(one.doors, found.doors), emergencyText(one)))),
    );
    doors.removeAttribute("aria-busy");
    if (found.doors.length === 0) doors.replaceChildren(empty(t("simulator.no-doors")));
    else doors.replaceChildren(...found.doors.map(oneDoor));
    if (found.partial) doors.append(make("p", { class: "soft small" }, t("widgets.partial")));
  };
  days.addEventListener("change", () => void show().catch(reportError));
  await show();
  return () => undefined;
};

function oneDoor({ name, ways }: Parity["doors"][number]): HTMLElement {
  const box = make("section", { class: "card", "aria-label": name }, make("h3", {}, name));
  for (const way of ways) {
    const words = { way: t(`method.${way.method}`) };
    if (way.slower) box.append(make("p", { class: "say", "data-kind": "bad" }, t("widgets.slower", words)));
    if (way.less_up) box.append(make("p", { class: "say", "data-kind": "bad" }, t("widgets.less-up", words)));
  }
  const longest = Math.max(1, ...ways.map(({ p95_ms }) => p95_ms ?? 0));
  const head = ["way", "tries", "success", "median", "p95", "uptime"].map((one) =>
    t(`widgets.parity-${one}`),
  );
  box.append(
    table(
      name,
      head,
      ways.map((way) => [
        t(`method.${way.method}`),
        String(way.tries),
        share(way.success),
        way.median_ms === undefined ? "–" : bar(way.median_ms, longest, way.slower),
        way.p95_ms === undefined ? "–" : bar(way.p95_ms, longest, way.slower),
        share(way.uptime),
      ]),
    ),
  );
  if (ways.every(({ tries }) => tries === 0)) box.append(empty(t("widgets.parity-empty")));
  return box;
}

const share = (value: number | undefined): string =>
  value === undefined
    ? "–"
    : new Intl.NumberFormat(currentLanguage(), { style: "percent", maximumFractionDigits: 1 }).format(value);

/** A time as a number and as a length; the number is what counts, the length is for the eye. */
function bar(ms: number, longest: number, bad: boolean): HTMLElement {
  const seconds = new Intl.NumberFormat(currentLanguage(), {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  });
  const line = make("span", { class: "bar-line", "data-kind": bad ? "bad" : "", "aria-hidden": "true" });
  line.style.width = `${Math.max(2, Math.round((ms / longest) * 100))}%`;
  return make(
    "span",
    { class: "bar-cell" },
    make("span", {}, t("widgets.seconds", { seconds: seconds.format(ms / 1000) })),
    line,
  );
}
