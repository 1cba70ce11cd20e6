import { ask } from "../shared/api.ts";
import { make } from "../shared/dom.ts";
import { t } from "../shared/words.ts";
import type { Accuracy, DoorAccuracy, Expected, Operation, Technical } from "./accuracy-types.ts";
import { day, drawn, fewOf, named, oneIn, whole } from "./error-bars.ts";
import { choice, empty, field, table } from "./kit.ts";
import type { View } from "./mount.ts";

/** What faces err here: as measured, as counted, and what nobody has tested (RD-35, RD-36). */
export const accuracy: View = async (place) => {
  const days = choice(["30", "90", "400"], "accuracy.days-");
  const told = make("div", { class: "stack accuracy", "aria-live": "polite" });
  place.replaceChildren(
    make("p", { class: "soft" }, t("accuracy.hint")),
    field(t("widgets.period"), days),
    told,
  );
  const show = async () => {
    told.setAttribute("aria-busy", "true");
    const found = await ask<Accuracy>("GET", `/accuracy?days=${days.value}`);
    told.removeAttribute("aria-busy");
    told.replaceChildren(
      ...warnings(found),
      ...(found.doors.length === 0 ? [empty(t("accuracy.no-doors"))] : found.doors.map(oneDoor)),
      liveness(found),
      people(found),
      measured(found),
      models(found),
    );
  };
  days.addEventListener("change", () => void show().catch(reportError));
  await show();
  return () => undefined;
};

const card = (title: string, ...parts: (Node | string)[]): HTMLElement =>
  make("section", { class: "card", "aria-label": title }, make("h3", {}, title), ...parts);

const say = (text: string, kind = ""): HTMLElement => make("p", { class: "say", "data-kind": kind }, text);

function warnings({ calibration, missing, models }: Accuracy): HTMLElement[] {
  const old = models.filter(({ out_of_date }) => out_of_date).map(({ id }) => id);
  return [
    ...(missing.length > 0 ? [say(t("accuracy.missing", { models: missing.join(", ") }), "warn")] : []),
    ...(old.length > 0 ? [say(t("accuracy.out-of-date", { models: old.join(", ") }), "bad")] : []),
    ...(calibration?.exact === false ? [say(t("accuracy.other-combination"), "warn")] : []),
    ...(missing.length === 0 && !calibration ? [say(t("accuracy.no-calibration"), "bad")] : []),
  ];
}

function oneDoor(door: DoorAccuracy): HTMLElement {
  const { gallery, mode, name, operation, set, technical, usual } = door;
  return card(
    name,
    make("p", {}, t(`accuracy.mode-${mode === "1:1" ? "one" : "many"}`, { n: whole(gallery) })),
    ...(gallery === 0 ? [make("p", { class: "soft small" }, t("accuracy.nobody"))] : []),
    ...(set ? promise(set) : []),
    ...(usual && gallery > 0 ? usually(usual, gallery) : []),
    make("h4", {}, t("accuracy.counted")),
    ...(operation ? counted(operation) : [empty(t("accuracy.few-looks"))]),
    ...(technical ? spoiled(technical) : []),
  );
}

/** What the camera or the box spoiled, on a line of its own: no face erred in it. */
const spoiled = ({ n, reasons }: Technical): HTMLElement[] => [
  make("p", { class: "small" }, t("accuracy.technical", { n: whole(n) })),
  reasonsOf(t("accuracy.technical-reasons"), reasons),
];

const reasonsOf = (title: string, reasons: readonly { code: string; n: number }[]): HTMLElement =>
  table(
    title,
    [t("accuracy.reason"), t("accuracy.times")],
    reasons.map(({ code, n }) => [code === "other" ? t("accuracy.other") : t(`attempt.${code}`), whole(n)]),
  );

/** What the threshold promises against strangers, and what it costs residents. */
function promise(set: Expected): HTMLElement[] {
  const params = { one: oneIn(set.risk), cosine: set.threshold.toFixed(2), least: oneIn(set.least_risk) };
  return [
    make("p", {}, t("accuracy.promise", params)),
    ...(set.measured ? [] : [say(t("accuracy.extrapolated", params), "warn")]),
    ...(set.false_match
      ? [make("h4", {}, t("accuracy.false-match")), ...drawn([[named("group", set.group), set.false_match]])]
      : []),
    make("h4", {}, t("accuracy.refused-three")),
    ...drawn(set.groups.flatMap(({ group, three }) => (three ? [[named("group", group), three]] : []))),
    make("h4", {}, t("accuracy.refused-one")),
    ...drawn(set.groups.map(({ group, one }) => [named("group", group), one])),
    make("p", { class: "soft small" }, t("accuracy.per-frame")),
  ];
}

/** FNIR at FPIR 0.003: where searches are compared everywhere. */
function usually({ groups, measured }: Expected, gallery: number): HTMLElement[] {
  return [
    make("h4", {}, t("accuracy.usual", { n: whole(gallery) })),
    ...drawn(groups.map(({ group, one, three }) => [named("group", group), three ?? one])),
    ...(measured ? [] : [make("p", { class: "soft small" }, t("accuracy.usual-extrapolated"))]),
  ];
}

function counted(operation: Operation): HTMLElement[] {
  const { again, again_granted, looks, not_acquired, not_live, other_way, reasons, refused } = operation;
  return [
    make("p", {}, t("accuracy.looks", { n: whole(looks) })),
    ...drawn([
      [t("accuracy.refused"), refused],
      [t("accuracy.not-acquired"), not_acquired],
      [t("accuracy.not-live"), not_live],
    ]),
    make(
      "p",
      {},
      t("accuracy.afterwards", {
        again: whole(again),
        granted: whole(again_granted),
        other: whole(other_way),
      }),
    ),
    ...(reasons.length > 0 ? [reasonsOf(t("accuracy.reasons"), reasons)] : []),
    make("p", { class: "soft small" }, t("accuracy.visit")),
  ];
}

/** Attacks in the words of ISO/IEC 30107-3, with what was never tried said as plainly. */
function liveness({ liveness: rates }: Accuracy): HTMLElement {
  if (!rates) return card(t("accuracy.liveness"), say(t("accuracy.liveness-unknown"), "warn"));
  const untested = t("accuracy.not-tested");
  const how = ({ of, synthetic }: { of: string; synthetic: boolean }) =>
    t(`accuracy.of-${of}`) + (synthetic ? t("accuracy.synthetic") : "");
  const rate = (share: number | undefined, bounds: readonly [number, number] | undefined, n: number) =>
    share === undefined || !bounds ? untested : fewOf({ share, low: bounds[0], high: bounds[1], n });
  const tested = rates.attacks.filter(({ n }) => n > 0);
  const known = new Set(tested.map(({ kind }) => kind));
  const rest = rates.attacks.filter(({ kind, n }) => n === 0 && !known.has(kind));
  return card(
    t("accuracy.liveness"),
    make("p", {}, t("accuracy.liveness-hint")),
    make("h4", {}, t("accuracy.apcer")),
    table(
      t("accuracy.apcer"),
      [t("accuracy.attack"), t("accuracy.shown"), t("accuracy.passed")],
      [...tested, ...rest].map((one) => [
        named("attack", one.kind),
        one.n > 0 ? `${whole(one.n)} ${how(one)}` : "–",
        rate(one.apcer, one.bounds, one.n),
      ]),
    ),
    make("h4", {}, t("accuracy.bpcer")),
    table(
      t("accuracy.bpcer"),
      [t("accuracy.source"), t("accuracy.shown"), t("accuracy.refused-short")],
      rates.live.map((one) => [
        named("live", one.kind),
        `${whole(one.n)} ${how(one)}`,
        rate(one.bpcer, one.bounds, one.n),
      ]),
    ),
    make("p", { class: "soft small" }, t("accuracy.liveness-date", { date: day(rates.date) })),
  );
}

function people({ by_age, enrolment, enrolment_technical }: Accuracy): HTMLElement {
  const few = t("accuracy.few");
  return card(
    t("accuracy.people"),
    make("h4", {}, t("accuracy.enrolment")),
    ...(enrolment
      ? drawn([[t("accuracy.not-enrolled"), enrolment.failed]])
      : [empty(t("accuracy.few-tries"))]),
    ...(enrolment_technical ? spoiled(enrolment_technical) : []),
    make("h4", {}, t("accuracy.by-age")),
    table(
      t("accuracy.by-age"),
      [t("accuracy.age"), t("accuracy.not-enrolled"), t("accuracy.not-verified")],
      by_age.map(({ band, enrol, verify }) => [
        t(`accuracy.age-${band}`),
        enrol ? fewOf(enrol) : few,
        verify ? fewOf(verify) : few,
      ]),
    ),
    make("p", { class: "soft small" }, t("accuracy.age-hint")),
    make("p", { class: "soft small" }, t("accuracy.sex-hint")),
  );
}

function measured({ calibration }: Accuracy): HTMLElement {
  if (!calibration) return card(t("accuracy.measured-on"), empty(t("accuracy.no-calibration")));
  return card(
    t("accuracy.measured-on"),
    say(t("accuracy.strictest")),
    make("p", {}, `${calibration.data} (${day(calibration.date)}, ${calibration.model})`),
    table(
      t("accuracy.measured-on"),
      ["group", "persons", "genuine", "impostor"].map((one) => t(`accuracy.head-${one}`)),
      calibration.groups.map(({ genuine_pairs, group, impostor_pairs, people: n }) => [
        named("group", group),
        whole(n),
        whole(genuine_pairs),
        whole(impostor_pairs),
      ]),
    ),
    make("p", { class: "soft small" }, t("accuracy.again"), " ", make("code", {}, calibration.command)),
    make(
      "p",
      { class: "soft small" },
      t("accuracy.calibration-hash"),
      " ",
      make("code", {}, calibration.sha256),
    ),
  );
}

function models({ models: all }: Accuracy): HTMLElement {
  if (all.length === 0) return card(t("accuracy.models"), empty(t("accuracy.models-none")));
  return card(
    t("accuracy.models"),
    table(
      t("accuracy.models"),
      ["model", "job", "reviewed", "state"].map((one) => t(`accuracy.head-${one}`)),
      all.map(({ id, job, out_of_date, reviewed, sha256 }) => [
        make(
          "span",
          { title: `SHA-256 ${sha256}` },
          id,
          " ",
          make("small", { class: "soft" }, sha256.slice(0, 8)),
        ),
        named("job", job),
        reviewed === undefined ? "–" : day(reviewed),
        t(out_of_date ? "accuracy.old" : "accuracy.current"),
      ]),
    ),
    make("p", { class: "soft small" }, t("accuracy.models-hint")),
  );
}
