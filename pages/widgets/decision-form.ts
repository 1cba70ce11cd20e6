import { ask } from "../shared/api.ts";
import { make, tell } from "../shared/dom.ts";
import type { Say, State } from "./decision-record.ts";
import { onSubmit } from "./kit.ts";

/** An entry as the API tells it. */
export interface Recorded {
  id: string;
  kind: string;
  at: string;
  who: string;
  corrected: boolean;
  /** Labels and values, in the language asked for. */
  said: [label: string, value: string][];
  entry: { corrects?: string; cites?: string } & Record<string, unknown>;
}

interface Wanted {
  kind: string;
  state: State;
  say: Say;
  of: "running" | "draft";
  said: HTMLElement;
  again(): Promise<void>;
  /** The entry it stands in the place of. */
  corrects?: Recorded;
  /** The question it answers. */
  cites?: string;
}

type Kind = "doors" | "moment" | "day" | "count" | "line" | "text" | "tally" | readonly string[];
interface Field {
  name: string;
  as: Kind;
  optional?: true;
  /** More than one of the choices. */
  many?: true;
}

const note: Field = { name: "note", as: "line", optional: true };
/** What is asked at each step; the API checks it, and fills in what the flow says. */
const forms: Record<string, readonly Field[]> = {
  assessment: [
    { name: "doors", as: "doors" },
    { name: "step", as: ["drafted", "answered", "approved"] },
    { name: "on", as: "day" },
    { name: "necessity", as: "text", optional: true },
    { name: "search", as: "text", optional: true },
    { name: "risks", as: "text", optional: true },
    { name: "views", as: "text", optional: true },
    { name: "review", as: "day", optional: true },
  ],
  vote: [
    { name: "doors", as: "doors" },
    { name: "held", as: "moment" },
    { name: "matter", as: ["ordinary", "common-parts"] },
    { name: "heads", as: "tally" },
    { name: "area", as: "tally" },
    { name: "minutes", as: "line" },
    { name: "digest", as: "line", optional: true },
  ],
  notice: [
    { name: "doors", as: "doors" },
    { name: "published", as: "moment" },
    { name: "places", as: ["doors", "board", "online", "letters", "meeting"], many: true },
    note,
  ],
  signs: [{ name: "doors", as: "doors" }, { name: "up", as: "moment" }, note],
  delivery: [
    { name: "on", as: "day" },
    { name: "way", as: ["hand", "post", "online", "phone", "meeting"] },
    { name: "households", as: "count" },
    { name: "reached", as: "count" },
    note,
  ],
  question: [
    { name: "asked", as: "day" },
    { name: "text", as: "text" },
  ],
  answer: [
    { name: "given", as: "day" },
    { name: "text", as: "text" },
  ],
  commissioned: [
    { name: "doors", as: "doors" },
    { name: "at", as: "moment" },
  ],
  filing: [
    { name: "step", as: ["filed", "changed", "ended"] },
    { name: "on", as: "day" },
    { name: "number", as: "line", optional: true },
    { name: "authority", as: "line" },
  ],
  elsewhere: [
    { name: "community", as: "line" },
    { name: "faces", as: "count" },
    { name: "on", as: "day" },
  ],
  void: [],
};

/** One question of a form: what is shown, and what was answered (undefined: nothing). */
interface Asked {
  shown: HTMLElement;
  value(): unknown;
}

/** A form for one entry, folded away until it is wanted. */
export function decisionForm(wanted: Wanted): HTMLElement {
  const { kind, state, say, of, said, again, corrects, cites } = wanted;
  const before = corrects && kind !== "void" ? corrects.entry : {};
  const asked = (forms[kind] ?? []).map(
    (one) => [one.name, ask1(one, before[one.name], state, say)] as const,
  );
  const why = corrects && ask1({ name: "reason", as: "line" }, undefined, state, say);
  const send = make("button", { type: "submit", class: "main" }, say("add"));
  const form = make(
    "form",
    { class: "entry" },
    ...asked.map(([, { shown }]) => shown),
    ...(why ? [why.shown] : []),
    send,
  );
  onSubmit(form, send, said, async () => {
    const answers = asked.map(([name, { value }]) => [name, value()] as const);
    const entry = {
      kind,
      ...Object.fromEntries(answers.filter(([, value]) => value !== undefined)),
      ...(cites !== undefined && { cites }),
      ...(corrects && { corrects: corrects.id, reason: why?.value() }),
    };
    await ask("POST", "/decisions", { of, entry });
    await again();
    tell(said, say("added"), "good");
  });
  const words = corrects
    ? say(kind === "void" ? "void" : "correct")
    : say(kind === "answer" ? "kind.answer" : "add");
  return make("details", { class: "form" }, make("summary", {}, words), form);
}

function ask1({ name, as, optional, many }: Field, before: unknown, state: State, say: Say): Asked {
  const words = `${say(`field.${name}`)}${optional ? ` ${say("optional")}` : ""}`;
  if (as === "doors") {
    const doors = state.doors.map(({ id, name }) => [id, name] as const);
    return boxes(words, doors, (before as string[] | undefined) ?? doors.map(([id]) => id));
  }
  if (typeof as !== "string" && many) {
    const choices = as.map((one) => [one, say(`value.${name}.${one}`)] as const);
    return boxes(words, choices, (before as string[] | undefined) ?? []);
  }
  if (typeof as !== "string") {
    const menu = make("select");
    for (const one of as) menu.add(new Option(say(`value.${name}.${one}`), one, false, one === before));
    return { shown: make("label", {}, words, menu), value: () => menu.value };
  }
  if (as === "tally") return tally(words, (before as Record<string, number> | undefined) ?? {}, say);
  return line(words, as, before, optional);
}

function line(
  words: string,
  as: "moment" | "day" | "count" | "line" | "text",
  before: unknown,
  optional?: true,
): Asked {
  const kinds = { moment: "datetime-local", day: "date", count: "number", line: "text", text: "" } as const;
  const input =
    as === "text" ? make("textarea", { rows: "4" }) : make("input", { type: kinds[as], autocomplete: "off" });
  if (as === "count") input.setAttribute("min", "0");
  if (!optional) input.required = true;
  input.value = begin(as, before, optional);
  const value = (): unknown => {
    const text = input.value.trim();
    if (text === "") return undefined;
    if (as === "count") return Number(text);
    return as === "moment" ? new Date(text).toISOString() : text;
  };
  return { shown: make("label", {}, words, input), value };
}

/** What stands in a field before anybody wrote: what is corrected, else today. */
function begin(as: string, before: unknown, optional?: true): string {
  const local = (at: Date) => new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString();
  if (before !== undefined)
    return as === "moment" ? local(new Date(String(before))).slice(0, 16) : String(before);
  if (optional) return "";
  const now = local(new Date());
  return as === "moment" ? now.slice(0, 16) : as === "day" ? now.slice(0, 10) : "";
}

function boxes(
  words: string,
  choices: readonly (readonly [string, string])[],
  checked: readonly string[],
): Asked {
  const inputs = choices.map(([value, label]) => {
    const box = make("input", { type: "checkbox", value });
    box.checked = checked.includes(value);
    return { box, label: make("label", { class: "tick" }, box, " ", label) };
  });
  return {
    shown: make("fieldset", {}, make("legend", {}, words), ...inputs.map(({ label }) => label)),
    value: () => inputs.filter(({ box }) => box.checked).map(({ box }) => box.value),
  };
}

/** How many there are, took part, agreed. */
function tally(words: string, before: Record<string, number>, say: Say): Asked {
  const parts = ["all", "part", "agreed"].map((name) => {
    const input = make("input", {
      type: "number",
      min: "0",
      required: "",
      value: String(before[name] ?? ""),
    });
    return { name, input, label: make("label", {}, say(`field.${name}`), input) };
  });
  return {
    shown: make("fieldset", { class: "line" }, make("legend", {}, words), ...parts.map(({ label }) => label)),
    value: () => Object.fromEntries(parts.map(({ name, input }) => [name, Number(input.value)])),
  };
}
