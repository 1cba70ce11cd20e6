// The sidebar's second half: deploys that wait for a second person, and the latest changes on record.
import type { FlowDiff } from "../../core/policy/changes/schema.ts";
import type { Change, Waiting } from "../../vault/protocol/changes.ts";
import type { CodeChange } from "../lib/change-desk.ts";

/** What the view needs of the editor and of the rules' module. */
export interface ChangesHost {
  language(): string;
  word(key: string, params?: Record<string, string | number>): string;
  sayDiff(diff: FlowDiff): { summary: string[]; nodes: { id: string; title: string; lines: string[] }[] };
  /** Jumps to a node; false where the editor has none of this id. */
  has(id: string): boolean;
  goTo(id: string): void;
  isDirty(): boolean;
  /** Puts a flow into this window in place of what is there, not deployed. */
  load(flow: readonly object[]): void;
}

interface Listed {
  waiting: Waiting[];
  changes: Change[];
  /** Older deploys whose flow can be brought back. */
  earlier: Change[];
  /** Hashes of the flows that can be brought back. */
  held: string[];
}

const line = (tag: string, text: string, className = ""): JQuery =>
  $(`<${tag}>`, { text, ...(className ? { class: className } : {}) });
const button = (text: string, act: () => void, primary = false): JQuery =>
  $("<button>", {
    type: "button",
    class: `red-ui-button red-ui-button-small${primary ? " primary" : ""}`,
    text,
  }).on("click", act);

/** Relative, because the editor signs no request to a whole address. */
const place = (id: number, what = ""): string => `limen/changes/${id}${what}`;

/** Draws into two boxes, and again whenever `refresh` is called. */
export class ChangesView {
  readonly waiting = $("<section>", { class: "limen-waiting" });
  readonly latest = $("<section>", { class: "limen-latest" });
  readonly #host: ChangesHost;
  #shown = "";

  constructor(host: ChangesHost) {
    this.#host = host;
  }

  async refresh(): Promise<void> {
    const listed = (await $.getJSON("limen/changes")) as Listed;
    const state = JSON.stringify(listed);
    if (state === this.#shown) return; // what somebody has opened stays open
    this.#shown = state;
    this.#drawWaiting(listed.waiting);
    this.#drawLatest(listed.changes, listed.earlier, new Set(listed.held));
  }

  #time(at: string): string {
    return new Date(at).toLocaleString(this.#host.language(), { dateStyle: "medium", timeStyle: "short" });
  }

  #role(role: string): string {
    return this.#host.word(`change.role.${role}`);
  }

  #drawWaiting(list: readonly Waiting[]): void {
    const { word } = this.#host;
    this.waiting.empty();
    if (list.length === 0) return;
    this.waiting.append(line("h3", word("sidebar.waiting")));
    this.waiting.append($("<ul>").append(list.map((each) => this.#card(each))));
  }

  #card({ id, by, role, expires, mine }: Waiting): JQuery {
    const { word, isDirty } = this.#host;
    const card = $("<li>", { class: "limen-change limen-staged" });
    const who = { by, role: this.#role(role), expires: this.#time(expires) };
    const body = $("<div>");
    const trouble = line("p", "", "limen-trouble").attr("role", "alert");
    const decide = (what: "approve" | "reject"): void => {
      card.find("button").prop("disabled", true);
      $.ajax({ url: `${place(id, `/${what}`)}?lang=${this.#host.language()}`, type: "POST" }).then(
        () => void this.refresh(),
        (failed: JQuery.jqXHR) => {
          const { message } = (failed.responseJSON ?? {}) as { message?: string };
          card.find("button").prop("disabled", false);
          trouble.text(message ?? String(failed.status));
          void this.refresh();
        },
      );
    };
    card.append(
      line("h4", `${word("change.kind.staged")} · ${id}`),
      line("p", word("sidebar.waiting-by", who)),
      body,
    );
    void this.#details(id, body, true);
    if (mine) card.append(line("p", word("sidebar.mine"), "limen-note"));
    else if (isDirty()) card.append(line("p", word("sidebar.dirty"), "limen-note"));
    const acts = mine
      ? [button(word("sidebar.take-back"), () => decide("reject"))]
      : [
          button(word("sidebar.approve"), () => decide("approve"), true),
          button(word("sidebar.reject"), () => decide("reject")),
        ];
    return card.append(trouble, $("<div>", { class: "limen-acts" }).append(acts));
  }

  /** What a change is about: what it means first, the nodes behind a line to open. */
  async #details(id: number, into: JQuery, staged: boolean): Promise<void> {
    const { word, sayDiff, has, goTo } = this.#host;
    const { diff } = (await $.getJSON(place(id))) as { diff?: FlowDiff };
    if (!diff) return;
    const { summary, nodes } = sayDiff(diff);
    into
      .empty()
      .append($("<ul>", { class: "limen-summary" }).append(summary.map((each) => line("li", each))));
    if (nodes.length > 0) {
      const list = nodes.map(({ id: node, title, lines }) => {
        const entry = $("<li>").append(line("strong", title));
        entry.append($("<ul>").append(lines.map((each) => line("li", each))));
        if (has(node)) entry.append(button(word("sidebar.show"), () => goTo(node)));
        return entry;
      });
      into.append(
        $("<details>").append(
          line("summary", word("sidebar.details")),
          $("<ul>", { class: "limen-nodes" }).append(list),
        ),
      );
    }
    if (staged) await this.#code(id, into);
  }

  async #code(id: number, into: JQuery): Promise<void> {
    const { word } = this.#host;
    const changes = (await $.getJSON(place(id, "/code"))) as CodeChange[];
    if (changes.length === 0) return;
    const parts = changes.flatMap(({ label, field, before, after }) => [
      line("h4", `${label}: ${field}`),
      ...(before === "" ? [] : [line("p", word("sidebar.code-before")), line("pre", before)]),
      line("p", word("sidebar.code-after")),
      line("pre", after),
    ]);
    // open: nobody should agree to code they did not see
    into.append($("<details>", { open: "" }).append(line("summary", word("sidebar.code")), parts));
  }

  #drawLatest(list: readonly Change[], earlier: readonly Change[], held: ReadonlySet<string>): void {
    const { word } = this.#host;
    this.latest.empty().append(line("h3", word("sidebar.latest")));
    if (list.length === 0) this.latest.append(line("p", word("sidebar.none")));
    this.latest.append($("<ul>").append(list.map((each) => this.#entry(each, held))));
    if (earlier.length === 0) return;
    this.latest.append(
      $("<details>").append(
        line("summary", word("sidebar.earlier")),
        $("<ul>").append(earlier.map((each) => this.#entry(each, held))),
      ),
    );
  }

  #entry(change: Change, held: ReadonlySet<string>): JQuery {
    const { id, at, day, kind, how, by, role, second, rules, reason, after } = change;
    const { word } = this.#host;
    const who =
      by === undefined
        ? word("change.nobody")
        : second === undefined
          ? word("change.who", { by, role: role === undefined ? by : this.#role(role) })
          : word("change.who-two", { by, second });
    const facts = [
      at === undefined ? day : this.#time(at),
      who,
      ...(how === undefined ? [] : [word(`change.how.${how}`)]),
      ...(reason === undefined ? [] : [word(`change.reason.${reason}`)]),
    ];
    const entry = $("<li>", { class: `limen-change limen-kind-${kind}` });
    entry.append(line("h4", word(`change.kind.${kind}`)), line("p", facts.join(" · "), "limen-article"));
    if (rules.length > 0)
      entry.append(
        line(
          "p",
          rules.map((rule) => this.#ruleName(rule)).join(this.#host.language() === "en-US" ? "; " : "；"),
        ),
      );
    const body = $("<div>");
    const more = button(word("sidebar.more"), () => {
      more.remove();
      void this.#details(id, body, false);
    });
    entry.append(body, more);
    const back = kind === "deployed" || kind === "first" || kind === "accepted";
    return back && after !== undefined && held.has(after) ? entry.append(this.#bringBack(id)) : entry;
  }

  /** An earlier flow into this window, to be looked at, judged and deployed like any other change. */
  #bringBack(id: number): JQuery {
    const { word, isDirty, load } = this.#host;
    const told = line("p", "", "limen-note").attr("role", "status");
    const put = button(word("sidebar.bring-back"), () => {
      if (isDirty()) {
        told.text(word("sidebar.bring-back-dirty"));
        return;
      }
      $.getJSON(`${place(id, "/flow")}?lang=${this.#host.language()}`).then(
        (flow: object[]) => {
          load(flow);
          told.text(word("sidebar.brought-back"));
        },
        (failed: JQuery.jqXHR) => {
          const { message } = (failed.responseJSON ?? {}) as { message?: string };
          told.text(message ?? String(failed.status));
        },
      );
    });
    return $("<div>").append(put, told);
  }

  /** A rule by its name; what else stands there (an error's code) as it is. */
  #ruleName(rule: string): string {
    const name = this.#host.word(`rule.${rule}.name`);
    return name === `rule.${rule}.name` ? rule : name;
  }
}
