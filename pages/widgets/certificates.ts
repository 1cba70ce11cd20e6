import { ask } from "../shared/api.ts";
import { make } from "../shared/dom.ts";
import { has, t, time } from "../shared/words.ts";
import { empty, keep, table } from "./kit.ts";
import type { View } from "./mount.ts";

interface Certificate {
  id: string;
  scope: string;
  cause: string;
  day?: string;
  count: number;
  receipt?: string;
}

interface Look {
  day: string;
  at?: string;
  name?: string;
  role?: string;
  purpose?: string;
  what?: string;
}

/** What was erased, with the certificates that prove it; and who of staff looked at data, by account and purpose. */
export const certificates: View = async (place) => {
  const [erased, looked] = await Promise.all([
    ask<{ certificates: Certificate[]; unfinished: number }>("GET", "/certificates?limit=200"),
    ask<{ looks: Look[] }>("GET", "/look-ups?limit=500"),
  ]);
  place.replaceChildren(
    make("h3", {}, t("rights.certificates")),
    make("p", { class: "soft" }, t("rights.certificates-hint")),
    ...(erased.unfinished > 0
      ? [
          make(
            "p",
            { class: "say", "data-kind": "warn" },
            t("rights.unfinished", { count: erased.unfinished }),
          ),
        ]
      : []),
    certificatesOf(erased.certificates),
    make("h3", {}, t("widgets.looks")),
    make("p", { class: "soft" }, t("rights.looks-hint")),
    ...looksOf(looked.looks),
  );
  return () => undefined;
};

function certificatesOf(all: readonly Certificate[]): HTMLElement {
  if (all.length === 0) return empty(t("rights.certificates-none"));
  return table(
    t("rights.certificates"),
    [t("rights.certificate-day"), t("rights.certificate-what"), t("rights.certificate-why"), ""],
    all.map(({ id, scope, cause, day, count, receipt }) => [
      day ?? "",
      t(`rights.erased-${scope}`, { count }),
      has(`rights.cause-${cause}`) ? t(`rights.cause-${cause}`) : cause,
      receipt ? keep(receipt, `limen-${id}.json`, t("widgets.certificate")) : "",
    ]),
  );
}

/** How often each account looked for each purpose, then every look: what stands out is asked about. */
function looksOf(looks: readonly Look[]): HTMLElement[] {
  if (looks.length === 0) return [empty(t("widgets.looks-none"))];
  const counts = new Map<string, { name: string; purpose: string; count: number }>();
  for (const { name = t("widgets.gone"), purpose = "" } of looks) {
    const key = `${name}\n${purpose}`;
    const known = counts.get(key) ?? { name, purpose, count: 0 };
    counts.set(key, { ...known, count: known.count + 1 });
  }
  const purposeOf = (purpose?: string) =>
    purpose && has(`widgets.purpose-${purpose}`) ? t(`widgets.purpose-${purpose}`) : (purpose ?? "");
  const rows = [...counts.values()].sort((a, b) => b.count - a.count);
  return [
    table(
      t("rights.looks-counts"),
      [t("widgets.looks-who"), t("widgets.looks-why"), t("rights.count")],
      rows.map(({ name, purpose, count }) => [name, purposeOf(purpose), String(count)]),
    ),
    make(
      "details",
      {},
      make("summary", {}, t("rights.looks-all", { count: looks.length })),
      table(
        t("widgets.looks"),
        [t("simulator.record-when"), t("widgets.looks-who"), t("widgets.looks-why"), t("rights.looks-what")],
        looks.map(({ at, day, name, role, purpose, what }) => [
          at ? time(at) : day,
          name
            ? role && has(`role.${role}`)
              ? t("shared.signed-in", { name, role: t(`role.${role}`) })
              : name
            : t("widgets.gone"),
          purposeOf(purpose),
          what ?? "",
        ]),
      ),
    ),
  ];
}
