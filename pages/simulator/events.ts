import { watch } from "../shared/api.ts";
import { make } from "../shared/dom.ts";
import { about, has, t, time } from "../shared/words.ts";

export interface DoorEvent {
  index: number;
  at: string;
  door: string;
  kind: string;
  method?: string;
  outcome?: string;
  code?: string;
}

/** The newest of one door's record, or of all: when, how and why; never who. Pages fetch it by themselves, again and again. */
export async function eventsOf(door: string | undefined, limit = 12): Promise<DoorEvent[]> {
  const of = door === undefined ? "" : `door=${door}&`;
  return (await watch<{ events: DoorEvent[] }>(`/events?${of}limit=${limit}`)).events;
}

/** An event in words. */
export function sentenceOfEvent({ kind, code }: DoorEvent): string {
  if (code !== undefined && has(`attempt.${code}`)) return t(`attempt.${code}`);
  return has(`event.${kind}`) ? t(`event.${kind}`) : kind;
}

/**
 * Draws the record as a table; an empty one says how to fill it.
 * @param everywhere says which door as well
 */
export function showEvents(place: HTMLElement, events: readonly DoorEvent[], everywhere = false): void {
  if (events.length === 0) {
    place.replaceChildren(make("p", { class: "empty" }, t("simulator.record-empty")));
    return;
  }
  const head = make("tr");
  for (const key of ["when", "way", "result", "why", "leaf"])
    head.append(make("th", { scope: "col" }, t(`simulator.record-${key}`)));
  const body = make("tbody");
  for (const event of events) {
    const tag = make(
      "span",
      { class: "tag" },
      event.outcome ? t(`outcome.${event.outcome}`) : t("outcome.event"),
    );
    tag.dataset.kind = event.outcome === "granted" ? "good" : event.outcome === "denied" ? "bad" : "";
    body.append(
      make(
        "tr",
        {},
        make("td", {}, time(event.at)),
        make("td", {}, event.method ? t(`method.${event.method}`) : t("method.door")),
        make("td", {}, tag),
        make("td", {}, everywhere ? about(event.door, sentenceOfEvent(event)) : sentenceOfEvent(event)),
        make("td", { class: "soft" }, String(event.index)),
      ),
    );
  }
  place.replaceChildren(make("table", {}, make("thead", {}, head), body));
}
