import { ask } from "../shared/api.ts";
import { make } from "../shared/dom.ts";
import { tellUndoable } from "../shared/undo.ts";
import { t, time } from "../shared/words.ts";
import { action, sayHere } from "./kit.ts";

interface SharedCode {
  id: string;
  kind: "room" | "door";
  members: string[];
  doors: string[];
  valid_until?: string;
  state: "active" | "blocked" | "expired";
}

/**
 * Codes that several people type, those in use: whose and where, never the digits. One that has leaked is blocked in one
 * press, like a lost card.
 * @param person only the room codes this person shares; absent: every code of the site
 */
export function sharedCodes(person?: string): HTMLElement {
  const said = sayHere();
  const list = make("ul", { class: "things" });
  const show = async (): Promise<void> => {
    const [{ codes }, { doors }] = await Promise.all([
      ask<{ codes: SharedCode[] }>("GET", "/codes"),
      ask<{ doors: { id: string; name: string }[] }>("GET", "/doors"),
    ]);
    const names = new Map(doors.map(({ id, name }) => [id, name]));
    const shown = codes.filter(
      ({ state, members }) => state === "active" && (person === undefined || members.includes(person)),
    );
    list.replaceChildren(
      ...(shown.length === 0
        ? [make("li", { class: "soft" }, t("widgets.codes-none"))]
        : shown.map((code) => line(code, names))),
    );
  };
  const line = (
    { id, kind, members, doors, valid_until }: SharedCode,
    names: ReadonlyMap<string, string>,
  ) => {
    const facts = [
      t("widgets.code-at", { doors: doors.map((door) => names.get(door) ?? door).join(t("widgets.comma")) }),
      ...(valid_until ? [t("widgets.code-until", { until: time(valid_until) })] : []),
    ];
    return make(
      "li",
      {},
      make(
        "span",
        {},
        t(`widgets.code-${kind}`, { count: members.length }),
        make("br"),
        make("span", { class: "soft small" }, facts.join(" · ")),
      ),
      action(t("widgets.code-block"), said, async () => {
        await ask("DELETE", `/codes/${id}`, { reason: "stolen" });
        await show();
        tellUndoable(said, t("widgets.blocked-now"), async () => {
          await ask("POST", `/codes/${id}/undo`);
          await show();
        });
      }),
    );
  };
  const box = make(
    "details",
    { class: "shared-codes" },
    make("summary", {}, t("widgets.codes")),
    make("p", { class: "soft small" }, t("widgets.codes-hint")),
    list,
    said,
  );
  box.addEventListener("toggle", () => {
    if (box.open) void show().catch(reportError);
  });
  return box;
}
