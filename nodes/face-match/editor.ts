import type { EditorNode, EditorRed } from "../lib/editor/globals.d.ts";
import { type Cost, costSentences, oneIn } from "./cost.ts";

declare const RED: EditorRed & { i18n: { lang(): string } };

/** Asked again this long after the last key, ms. */
const pauseMs = 300;

limen.extend("face-match", {
  fields: {
    /** Entered as "one in so many looks": nobody thinks in 0.0001. */
    risk(container, value, { schema, say, changed }) {
      const input = $("<input>")
        .attr({
          type: "number",
          id: "limen-input-risk",
          min: Math.round(1 / schema.maximum!),
          max: Math.round(1 / schema.minimum!),
          step: 1,
          "aria-label": say("label", "risk"),
        })
        .css("width", "9em")
        .val(String(oneIn(Number(value ?? schema.default))));
      container.append(input, document.createTextNode(` ${say("option", "risk.looks")}`));
      const read = () => {
        const looks = Number(input.val());
        return looks > 0 ? 1 / looks : undefined;
      };
      input.on("input change", () => {
        const risk = read();
        input.toggleClass("input-error", !(risk && risk >= schema.minimum! && risk <= schema.maximum!));
        changed();
      });
      return read;
    },
  },
  prepare(node: EditorNode, { read, onChange }) {
    const say = (key: string, values: Record<string, string> = {}) =>
      node._(`face-match.cost.${key}`, values);
    const number = (value: number, digits = 0) =>
      value.toLocaleString(RED.i18n.lang(), { maximumFractionDigits: digits });
    const people = $("<input>")
      .attr({ type: "number", min: 1, max: 100_000, step: 1, id: "limen-cost-people" })
      .css({ width: "7em", margin: 0 });
    const lines = $("<div>").attr("aria-live", "polite");
    const ask = $("<label>")
      .css({ width: "auto", margin: 0 })
      .attr("for", "limen-cost-people")
      .text(say("people"));
    const gallery = $("<div>")
      .css({ display: "flex", alignItems: "center", gap: "8px", margin: "4px 0" })
      .append(ask, people);
    $("<div>")
      .addClass("limen-sentences")
      .append($("<b>").text(say("title")), gallery, lines)
      .insertAfter("#limen-row-risk");

    let asked = "";
    let timer: number | undefined;
    const show = (answer: Cost, mode: string): void => {
      if (people.val() === "") people.attr("placeholder", String(answer.people));
      lines.empty();
      for (const { text, warn } of costSentences(answer, mode, say, number)) {
        const line = $("<div>").text(text).appendTo(lines);
        if (warn) line.addClass("limen-warning");
      }
    };
    const load = (query: Record<string, string>, mode: string): void => {
      const key = JSON.stringify(query);
      if (key === asked) return;
      asked = key;
      $.getJSON("limen/face-threshold", query)
        .done((answer: Cost) => {
          if (key === asked) show(answer, mode);
        })
        .fail((response: { responseJSON?: { message?: string } }) => {
          if (key === asked) lines.text(response.responseJSON?.message ?? say("unknown"));
        });
    };
    const changed = (): void => {
      const mode = String(read("mode"));
      const risk = Number(read("risk"));
      gallery.toggle(mode === "1:N");
      clearTimeout(timer);
      if (!(risk > 0)) return;
      const door = RED.nodes.node(String(read("door")))?.door;
      const size = Number(people.val());
      const query = {
        risk: String(risk),
        mode,
        lang: RED.i18n.lang(),
        ...(typeof door === "string" ? { door } : {}),
        ...(mode === "1:N" && size > 0 ? { people: String(Math.floor(size)) } : {}),
      };
      timer = window.setTimeout(() => load(query, mode), asked === "" ? 0 : pauseMs);
    };
    people.on("input change", changed);
    onChange(changed);
    changed();
  },
});
