import { ask, Problem, type Session, session, signInByInvitation, signOut } from "../shared/api.ts";
import { byId, make, run, sentenceOf, tell } from "../shared/dom.ts";
import { followErasure, followOwnErasure } from "../shared/erasure.ts";
import { noPasskeysHere, signInByPasskey } from "../shared/passkey.ts";
import { openReceipt } from "../shared/receipt.ts";
import { showText } from "../shared/text.ts";
import { currentLanguage, onLanguage, startWords, t, time } from "../shared/words.ts";
import { startCode } from "./code.ts";
import { type Entry, type Held, showDoors, showHeld, showLooks } from "./held.ts";
import { showOwnDoors, startOwnDoors } from "./open.ts";
import { showWaysIn, startWaysIn } from "./passkeys.ts";
import { reviewEntry, showRights, startRights } from "./rights.ts";

await startWords("me", "attempt", "rights");

let person = "";
let held: Held | undefined;
let notice: { id: string; text: string; doors: string[] } | undefined;

await enter();
onLanguage(() => void show());

byId("sign-out").addEventListener("click", () => void signOut().finally(() => location.reload()));
on("passkey", "say", async () => {
  await arrive(await signInByPasskey());
});
startWaysIn();
startOwnDoors(() => show());
startCode(() => show());
startRights(() => show());
on("give", "face-say", give);
on("withdraw", "face-say", withdraw);
on("export", "all-say", save);
byId("pass-form").addEventListener("submit", (event) => {
  event.preventDefault();
  void run(byId<HTMLButtonElement>("pass"), byId("pass-say"), makePass);
});
byId("erase").addEventListener("click", () => byId<HTMLDialogElement>("sure").showModal());
byId("sure").addEventListener("close", () => {
  if (byId<HTMLDialogElement>("sure").returnValue === "yes")
    void run(byId<HTMLButtonElement>("erase"), byId("all-say"), erase);
});

function on(button: string, say: string, what: () => Promise<void>): void {
  byId(button).addEventListener("click", () => void run(byId<HTMLButtonElement>(button), byId(say), what));
}

/** By the link from the desk, whose secret is behind the `#` and leaves the address at once; or the session there is. */
async function enter(): Promise<void> {
  const invitation = location.hash.slice(1);
  if (invitation) history.replaceState(null, "", "/me");
  try {
    await arrive(invitation ? await signInByInvitation(invitation) : await session());
  } catch (error) {
    tell(byId("say"), sentenceOf(error), "bad");
    if (!person) await arrive(undefined);
  }
}

async function arrive(who: Session | undefined): Promise<void> {
  person = who?.role === "resident" ? (who.person ?? "") : "";
  byId("outside").hidden = person !== "";
  byId("inside").hidden = byId("sign-out").hidden = person === "";
  if (person) await show();
  else showOutside();
}

function showOutside(): void {
  const why = noPasskeysHere();
  byId("by-passkey").hidden = why !== undefined;
  byId("why").hidden = why === undefined;
  byId("why").textContent = why ?? "";
}

async function show(): Promise<void> {
  if (!person) return showOutside();
  const [all, looks, changes, doors, passes] = await Promise.all([
    ask<Held>("GET", "/me/overview"),
    ask<{ entries: Entry[] }>("GET", "/me/entries?kind=look-up&limit=50"),
    ask<{ entries: Entry[] }>("GET", "/me/entries?kind=configuration&limit=50"),
    ask<{ entries: Entry[] }>("GET", "/me/entries?kind=decision&limit=50"),
    ask<{ passes: Pass[] }>("GET", `/persons/${person}/passes`),
    loadNotice(),
    showOwnDoors(),
  ]);
  held = all;
  showHeld(byId("held"), held);
  showLooks(byId("looked"), looks.entries, changes.entries);
  showDoors(byId("doors"), doors.entries, reviewEntry);
  showPasses(passes.passes);
  showFace();
  await showRights();
  await showWaysIn(); // last: what it offers must not move away under a thumb
}

/** The consent as it stands. Giving and withdrawing are one press each, side by side in this one place (RD-19). */
function showFace(): void {
  const given = held?.consents.find(({ state }) => state === "given");
  byId("face-state").textContent = given
    ? t("me.face-given", { since: time(given.since) })
    : t(notice ? "me.face-open" : "me.face-unused");
  byId("giving").hidden = given !== undefined || !notice;
  byId("withdraw").hidden = given === undefined;
}

async function loadNotice(): Promise<void> {
  try {
    notice = await ask("GET", `/notices/current?method=face&language=${currentLanguage()}`);
    showText(byId("notice"), notice!.text, 3);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    notice = undefined;
  }
}

async function give(): Promise<void> {
  const { receipt } = await ask<{ receipt: string }>("POST", `/persons/${person}/consents`, {
    purpose: "door-entry",
    method: "face",
    doors: notice!.doors,
    notice: notice!.id,
    language: currentLanguage(),
    given_by: "self",
    channel: "resident-page",
  });
  await show();
  tell(byId("face-say"), t("me.given"), "good");
  offer("face-receipt", receipt);
}

async function withdraw(): Promise<void> {
  const given = held!.consents.find(({ state }) => state === "given")!;
  const { erasure } = await ask<{ erasure?: string }>("DELETE", `/consents/${given.id}`);
  const receipt = erasure === undefined ? undefined : await followErasure(erasure);
  await show();
  tell(byId("face-say"), t("me.withdrawn"), "good");
  if (receipt) offer("face-receipt", receipt);
}

async function save(): Promise<void> {
  const { export: text } = await ask<{ export: string }>("GET", `/persons/${person}/export`);
  const link = make("a", { download: "limen-export.json", href: URL.createObjectURL(new Blob([text])) });
  link.click();
  URL.revokeObjectURL(link.href);
  tell(byId("all-say"), t("me.exported"), "good");
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
          });
        });
        line.append(stop);
      }
      return line;
    }),
  );
}

/** A receipt to keep. */
function offer(place: string, receipt: string): void {
  const box = byId(place);
  box.hidden = false;
  box.querySelector("button")!.onclick = () => openReceipt(receipt);
  box.querySelector("a")!.href = URL.createObjectURL(new Blob([receipt], { type: "application/json" }));
}
