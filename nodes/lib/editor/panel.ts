import type { EditorNode, EditorRed } from "./globals.d.ts";

declare const RED: EditorRed & { i18n: { lang(): string } };

/** One device, as `/limen/panel/<node>` says it (`nodes/lib/panel.ts`). */
interface Look {
  unit?: number;
  line: string;
  secure?: boolean;
  heard?: number;
  faults?: number;
  last?: { kind: string; tail?: string; size?: number; ago: number };
  inputs?: { name: string; on: boolean }[];
}
interface Answer {
  devices: Look[];
  signal: boolean;
  opens: boolean;
}

/** Types whose devices an installer may look at and try. */
const tested = new Set(["limen-bus", "card-read", "pin-read", "pass-read", "door-watch", "relay-out"]);
/** Asked again after this, ms. */
const againMs = 1000;

type Failure = { responseJSON?: { message?: string } };
type Say = (key: string, values?: Record<string, unknown>) => string;

/** What a device says, in one line. */
function sentenceOf({ unit, line, secure, heard, faults, last, inputs }: Look, say: Say): string {
  const seen: Record<string, unknown> = { ...last };
  return [
    `${unit === undefined ? "" : `${unit}: `}${say(`line.${line}`)}`,
    secure === undefined ? "" : say(secure ? "secure" : "insecure"),
    heard === undefined ? say("never-heard") : say("heard", { seconds: heard }),
    faults ? say("faults", { count: faults }) : "",
    last ? say(`last.${last.kind}`, seen) : "",
    ...(inputs ?? []).map(({ name, on }) => `${inputName(name, say)}: ${say(`level.${levelOf(name, on)}`)}`),
  ]
    .filter(Boolean)
    .join(" · ");
}
const levelOf = (name: string, on: boolean): string =>
  name === "contact" ? (on ? "open" : "closed") : on ? "on" : "off";
const inputName = (name: string, say: Say): string =>
  name.startsWith("alive/") ? name.slice("alive/".length) : say(`input.${name}`);

/** The panel below a node's form. Nothing is asked before somebody presses, and nothing after the form is closed. */
export function testPanel(type: string, node: EditorNode): void {
  if (!tested.has(type)) return;
  const say: Say = (key, values = {}) => RED._(`limen/limen-editor:panel.${key}`, values);
  const devices = $("<div>").attr({ "aria-live": "polite", id: "limen-panel-devices" });
  const acts = $("<div>");
  const told = $("<div>").attr("role", "status");
  const start = button(say("look"));
  const box = $("<div>")
    .addClass("limen-sentences")
    .append($("<b>").text(say("title")), " ", start);
  box.append(devices, acts, told);
  $("#dialog-form, #node-config-dialog-edit-form").last().append(box);

  const fail = (response: Failure): void => void told.text(response.responseJSON?.message ?? say("failed"));
  const address = (act: string, values: Record<string, string> = {}): string =>
    `limen/panel/${node.id}/${act}?${new URLSearchParams({ lang: RED.i18n.lang(), ...values })}`;
  let drawn = "";
  /** Buttons come with the first answer, and stay under the finger while the lines change. */
  const offer = ({ devices: looks, signal, opens }: Answer): void => {
    const wanted = JSON.stringify([signal, opens, looks.map(({ unit }) => unit)]);
    if (wanted === drawn) return;
    drawn = wanted;
    acts.empty();
    if (signal) for (const { unit } of looks) acts.append(signalButton(unit, looks.length > 1), " ");
    if (opens) acts.append(openButton());
    else if (type === "relay-out") acts.append($("<div>").text(say("no-way")));
  };
  const signalButton = (unit: number | undefined, many: boolean): JQuery => {
    const made = button(many ? `${unit}: ${say("signal")}` : say("signal"));
    return made.on("click", () => {
      told.text("");
      $.ajax({ url: address("signal", unit === undefined ? {} : { unit: String(unit) }), type: "POST" })
        .done(() => told.text(say("signalled")))
        .fail(fail);
    });
  };
  const openButton = (): JQuery => {
    const made = button(say("open"));
    return made.on("click", () => {
      const door = RED.nodes.node(String(node.door));
      const id = String(door?.door ?? "");
      if (!window.confirm(say("open-confirm", { door: String(door?.name || id) }))) return;
      told.text(say("opening"));
      made.prop("disabled", true);
      $.ajax({ url: address("open", { confirm: id }), type: "POST" })
        .done(({ outcome, message }: { outcome: string; message: string }) =>
          told.text(outcome === "granted" ? say("opened") : say("refused", { reason: message })),
        )
        .fail(fail)
        .always(() => made.prop("disabled", false));
    });
  };
  const look = (): void => {
    if (!document.contains(box[0]!)) return; // the form is closed
    $.getJSON(address("").replace("/?", "?"))
      .done((answer: Answer) => {
        devices.empty();
        for (const device of answer.devices) $("<div>").text(sentenceOf(device, say)).appendTo(devices);
        if (answer.devices.length === 0) devices.text(say("nothing"));
        offer(answer);
        window.setTimeout(look, againMs);
      })
      .fail((response: Failure) => {
        devices.empty();
        start.show();
        fail(response);
      });
  };
  start.on("click", () => {
    start.hide();
    told.text("");
    look();
  });
}

const button = (text: string): JQuery =>
  $("<button>").attr({ type: "button", class: "red-ui-button red-ui-button-small" }).text(text);
