import { mark } from "../rights/show.ts";
import { ask } from "../shared/api.ts";
import { make, tell } from "../shared/dom.ts";
import { t, time } from "../shared/words.ts";
import { action, choice, empty, sayHere, table } from "./kit.ts";
import { called } from "./picker.ts";

interface Approval {
  id: string;
  account: string;
  purpose: string;
  asked: string;
  state: string;
  until?: string;
}

interface Report {
  year: number;
  looks: { role: string; purpose: string; outcome: string; count: number }[];
  approvals: { asked: number; granted: number; refused: number; waiting: number };
  minors: number;
  guardians: number;
}

/** Questions of staff for minors' data, and the yearly count of who saw any (RD-49). */
export async function approvals(role: string): Promise<HTMLElement> {
  const box = make("section", { class: "part", "aria-label": t("rights.minors") });
  const decides = role === "manager" || role === "privacy-officer";
  const said = sayHere();
  const list = make("div");
  const show = async () => {
    const { approvals } = await ask<{ approvals: Approval[] }>("GET", "/approvals");
    const lines = approvals.map((approval) => make("li", {}, ...line(approval, decides, said, show)));
    list.replaceChildren(
      approvals.length === 0
        ? empty(t("rights.minors-none"))
        : make("ul", { class: "things", "aria-label": t("rights.minors") }, ...lines),
    );
  };
  await show();
  box.append(
    make("h3", {}, t("rights.minors")),
    make("p", { class: "soft" }, t("rights.minors-hint")),
    list,
    said,
  );
  if (role !== "desk") box.append(report(said));
  return box;
}

function line(
  { id, account, purpose, asked, state, until }: Approval,
  decides: boolean,
  said: HTMLElement,
  again: () => Promise<void>,
): (Node | string)[] {
  const what = t("rights.minors-line", {
    account,
    purpose: t(`widgets.purpose-${purpose}`),
    asked: time(asked),
  });
  if (state !== "waiting" || !decides) {
    return [what, mark(t(`rights.minors-${state}`, { until: until ? time(until) : "" }))];
  }
  const hours = choice(["1", "24", "168"], "rights.hours-", t("rights.hours"));
  hours.value = "24";
  const decide = (granted: boolean, words: string) =>
    action(t(words), said, async () => {
      await ask("POST", `/approvals/${id}`, { granted, hours: Number(hours.value) });
      await again();
    });
  const whose = make("strong", { "aria-live": "polite" });
  const look = action(t("rights.minors-whose"), said, async () => {
    whose.textContent = called(await ask<{ name: string; flat?: string }>("POST", `/approvals/${id}/whose`));
    look.remove();
    hours.focus(); // the next to decide, and the button that had it is gone
  });
  const row = make("span", { class: "row" }, whose, look, hours);
  row.append(decide(true, "rights.minors-grant"), decide(false, "rights.minors-refuse"));
  return [what, row];
}

function report(said: HTMLElement): HTMLElement {
  const year = new Date().getFullYear();
  const place = make("div");
  const years = make("select", { "aria-label": t("rights.year") });
  for (const one of [year, year - 1, year - 2]) years.add(new Option(String(one)));
  const make_ = action(t("rights.report"), said, async () => {
    const found = await ask<Report>("GET", `/minors/report?year=${years.value}`);
    const { asked, granted, refused, waiting } = found.approvals;
    place.replaceChildren(
      make(
        "p",
        {},
        t("rights.report-counts", {
          year: found.year,
          minors: found.minors,
          guardians: found.guardians,
          asked,
          granted,
          refused,
          waiting,
        }),
      ),
      found.looks.length === 0
        ? empty(t("rights.report-none"))
        : table(
            t("rights.report"),
            [t("rights.report-role"), t("rights.report-purpose"), t("rights.report-outcome"), "n"],
            found.looks.map(({ role, purpose, outcome, count }) => [
              t(`role.${role}`),
              t(`widgets.purpose-${purpose}`),
              t(`rights.outcome-${outcome}`),
              String(count),
            ]),
          ),
    );
    tell(said, "");
  });
  return make("div", {}, make("div", { class: "row" }, years, make_), place);
}
