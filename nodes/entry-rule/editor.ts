import type { EntryRule } from "../../core/entry/rule.ts";
import type { EditorNode } from "../lib/editor/globals.d.ts";
import { sentencesOf } from "./sentences.ts";

const fields = [
  "timeZone",
  "hours",
  "holidays",
  "holidayHours",
  "assurance",
  "antiPassback",
  "antiPassbackMinutes",
  "interlock",
  "firstPerson",
  "emergency",
  "emergencyFrom",
  "emergencyUntil",
  "emergencyTwo",
  "emergencyNoVisitors",
];
const empty = {
  timeZone: "",
  hours: [],
  holidays: [],
  holidayHours: [],
  antiPassbackMinutes: 0,
  interlock: [],
  firstPerson: "off",
  emergency: "none",
};

/** Spans that are filled in: a row somebody is still typing says nothing yet. */
const whole = (spans: unknown): unknown[] =>
  ((spans ?? []) as { days?: string[]; from?: string; to?: string }[]).filter(
    ({ days = ["any"], from, to }) => days.length > 0 && from && to,
  );

limen.extend("entry-rule", {
  prepare(node: EditorNode, { read, onChange }) {
    const box = $("<div>")
      .addClass("limen-sentences")
      .attr("aria-live", "polite")
      .insertAfter("#limen-row-name");
    const show = (): void => {
      const entered = Object.fromEntries(
        fields.map((field) => [field, read(field)]).filter(([, v]) => v !== undefined),
      );
      const lines = sentencesOf(
        {
          ...empty,
          ...entered,
          hours: whole(entered.hours),
          holidayHours: whole(entered.holidayHours),
        } as EntryRule,
        (key, values = {}) => node._(`entry-rule.say.${key}`, values),
        (day) => node._(`entry-rule.option.hours-days.${day}`),
        (reason) => node._(`entry-rule.option.emergency.${reason}`),
      );
      const heading = $("<b>").text(node._("entry-rule.say.title"));
      box.empty().append(heading, ...lines.map((line) => $("<div>").text(line)));
    };
    onChange(show);
    show();
  },
});
