import { ask, type Session, session, signInByInvitation, signOut } from "../shared/api.ts";
import { byId, make, run, sentenceOf, tell } from "../shared/dom.ts";
import { followOwnErasure } from "../shared/erasure.ts";
import { noPasskeysHere, signInByPasskey } from "../shared/passkey.ts";
import { tellUndoable } from "../shared/undo.ts";
import { onLanguage, startWords, t, time } from "../shared/words.ts";
import { startCode } from "./code.ts";
import { showConfirm, startConfirm } from "./confirm.ts";
import { loadNames, loadOwnDoors } from "./doors.ts";
import { showFace, startFace } from "./face.ts";
import {
  type Copy,
  type Entry,
  type Erased,
  type Held,
  showDoors,
  showErasures,
  showHeld,
  showLooks,
} from "./held.ts";
import { offer } from "./keep.ts";
import { showOwnDoors, startOwnDoors } from "./open.ts";
import { showWaysIn, startWaysIn } from "./passkeys.ts";
import { readablePage } from "./readable.ts";
import { keptHere, reviewEntry, showRights, startRights } from "./rights.ts";

await startWords("me", "attempt", "rights");

let person = "";

byId("sign-out").addEventListener("click", () => void signOut().finally(() => location.reload()));
on("passkey", "say", async () => {
  await arrive(await signInByPasskey());
});
startWaysIn();
startOwnDoors(() => show());
startCode(() => show());
startConfirm(() => show());
startRights(() => show());
startFace(() => show());
on("export", "all-say", save);
on("export-page", "all-say", saveReadable);
byId("pass-form").addEventListener("submit", (event) => {
  event.preventDefault();
  void run(byId<HTMLButtonElement>("pass"), byId("pass-say"), makePass);
});
byId("erase").addEventListener("click", () => byId<HTMLDialogElement>("sure").showModal());
byId("sure").addEventListener("close", () => {
  if (byId<HTMLDialogElement>("sure").returnValue === "yes")
    void run(byId<HTMLButtonElement>("erase"), byId("all-say"), erase);
});

await enter();
onLanguage(() => void show());

function on(button: string, say: string, what: () => Promise<void>): void {
  byId(button).addEventListener("click", () => void run(byId<HTMLButtonElement>(button), byId(say), what));
}

/** By the link from the desk, whose secret is behind the `#` and leaves the address at once; or the session there is. */
async function enter(): Promise<void> {
  const invitation = location.hash.slice(1);
  if (invitation) history.replaceState(null, "", "/me");
  byId("content").setAttribute("aria-busy", "true");
  tell(byId("say"), t("shared.loading"));
  try {
    await arrive(invitation ? await signInByInvitation(invitation) : await session());
  } catch (error) {
    tell(byId("say"), sentenceOf(error), "bad");
    if (!person) await arrive(undefined);
  } finally {
    byId("content").removeAttribute("aria-busy");
  }
}

async function arrive(who: Session | undefined): Promise<void> {
  person = who?.role === "resident" ? (who.person ?? "") : "";
  byId("outside").hidden = person !== "";
  if (person) await show();
  else showOutside();
  // what is shown first is whole: nothing grows in above what somebody is about to press
  byId("inside").hidden = byId("sign-out").hidden = person === "";
  if (byId("content").hasAttribute("aria-busy") && byId("say").dataset.kind === "") tell(byId("say"), "");
}

function showOutside(): void {
  const why = noPasskeysHere();
  byId("by-passkey").hidden = why !== undefined;
  byId("why").hidden = why === undefined;
  byId("why").textContent = why ?? "";
}

async function show(): Promise<void> {
  if (!person) return showOutside();
  const [held, erased, looks, changes, doors, passes, kept] = await Promise.all([
    ask<Held>("GET", "/me/overview"),
    ask<{ erasures: Erased[] }>("GET", `/persons/${person}/erasures`),
    ask<{ entries: Entry[] }>("GET", "/me/entries?kind=look-up&limit=50"),
    ask<{ entries: Entry[] }>("GET", "/me/entries?kind=configuration&limit=50"),
    ask<{ entries: Entry[]; from?: string }>("GET", "/me/entries?kind=decision&limit=50"),
    ask<{ passes: Pass[] }>("GET", `/persons/${person}/passes`),
    keptHere(),
    loadOwnDoors(),
  ]);
  await loadNames([...doors.entries.map(({ door }) => door), ...held.consents.flatMap((one) => one.doors)]);
  showOwnDoors();
  showHeld(byId("held"), held, passes.passes, kept);
  byId("erased-part").hidden = erased.erasures.length === 0;
  showErasures(byId("erased"), erased.erasures);
  showLooks(byId("looked"), looks.entries, changes.entries);
  showDoors(byId("doors"), doors.entries, reviewEntry);
  showConfirm(doors.from);
  showPasses(passes.passes);
  await showFace(person);
  await showRights();
  await showWaysIn(); // last: what it offers must not move away under a thumb
}

async function save(): Promise<void> {
  const { export: text } = await ask<{ export: string }>("GET", `/persons/${person}/export`);
  saveFile(text, "limen-export.json", "application/json");
  tell(byId("all-say"), t("me.exported"), "good");
}

/** The same as a page to read or print: made here, from the same answer. */
async function saveReadable(): Promise<void> {
  const [{ export: text }, kept] = await Promise.all([
    ask<{ export: string }>("GET", `/persons/${person}/export`),
    keptHere(),
  ]);
  const held = JSON.parse(text) as Copy;
  await loadNames(held.log.entries.map(({ fields }) => fields?.door as string | undefined));
  saveFile(readablePage(held, kept), "limen-export.html", "text/html");
  tell(byId("all-say"), t("me.exported-page"), "good");
}

function saveFile(text: string, name: string, type: string): void {
  const link = make("a", { download: name, href: URL.createObjectURL(new Blob([text], { type })) });
  link.click();
  URL.revokeObjectURL(link.href);
}

async function erase(): Promise<void> {
  const { id } = await ask<{ id: string }>("POST", `/persons/${person}/erasure`);
  // the session is the first thing that goes: what is still shown here is nobody's
  person = "";
  byId("inside").hidden = byId("sign-out").hidden = true;
  byId("gone").hidden = false;
  byId("gone-title").focus();
  tell(byId("gone-say"), t("me.erasing", { id }));
  const receipt = await followOwnErasure(id);
  tell(byId("gone-say"), t("me.erased"), "good");
  if (receipt) offer("gone-receipt", receipt);
}

interface Pass {
  id: string;
  kind: string;
  until: string;
  uses: number;
  used: number;
  state: string;
}

async function makePass(): Promise<void> {
  const from = new Date();
  const until = new Date(from.getTime() + Number(byId<HTMLSelectElement>("pass-hours").value) * 3_600_000);
  const made = await ask<{ code: string; qr: string }>("POST", `/persons/${person}/passes`, {
    kind: "visitor",
    from: from.toISOString(),
    until: until.toISOString(),
    uses: Number(byId<HTMLSelectElement>("pass-uses").value),
  });
  await show();
  byId("pass-shown").hidden = false;
  byId("pass-code").textContent = made.code;
  const picture = byId<HTMLImageElement>("pass-qr");
  picture.src = `data:image/svg+xml,${encodeURIComponent(made.qr)}`;
  picture.alt = t("me.pass-qr");
}

function showPasses(passes: readonly Pass[]): void {
  if (passes.length === 0) {
    byId("passes").replaceChildren(make("li", { class: "soft" }, t("me.passes-none")));
    return;
  }
  byId("passes").replaceChildren(
    ...passes.map(({ id, until, uses, used, state }) => {
      const line = make(
        "li",
        {},
        t("me.pass-line", { until: time(until), used, uses: uses === 0 ? "∞" : uses }),
      );
      if (state !== "active") line.append(make("span", { class: "tag" }, t(`me.state-${state}`)));
      else {
        const stop = make("button", { type: "button" }, t("me.pass-stop"));
        stop.addEventListener("click", () => {
          void run(stop, byId("pass-say"), async () => {
            await ask("DELETE", `/passes/${id}`);
            await show();
            tellUndoable(byId("pass-say"), t("me.pass-stopped"), async () => {
              await ask("POST", `/passes/${id}/undo`);
              await show();
            });
          });
        });
        line.append(stop);
      }
      return line;
    }),
  );
}
