import { make } from "../shared/dom.ts";
import { t } from "../shared/words.ts";

/** What the running flow may not do, as `GET /doors` says it; absent: nothing. */
export interface FlowOff {
  relays: boolean;
  faces: boolean;
  why: "flow-refused" | "second-person";
  rules: readonly { id: string; name: string }[];
}

export interface FlowOffBanner {
  place: HTMLElement;
  show(off: FlowOff | undefined): void;
}

/**
 * Above all doors: that the flow which runs opens none of them, or looks at no face, why, and what to do. A quiet wall would
 * look like a quiet evening.
 */
export function flowOff(): FlowOffBanner {
  const place = make("div", { class: "flow-off", role: "alert" });
  place.hidden = true;
  let shown = "";
  return {
    place,
    show(off) {
      const now = JSON.stringify(off ?? null);
      if (now === shown) return; // written anew it would be read out again
      shown = now;
      place.hidden = off === undefined;
      place.dataset.off = off ? (off.relays ? "relays" : "faces") : "";
      place.replaceChildren(...(off ? told(off) : []));
    },
  };
}

function told({ relays, why, rules }: FlowOff): HTMLElement[] {
  const list = make(
    "ul",
    {},
    ...rules.map(({ id, name }) => make("li", {}, name, " ", make("code", {}, id))),
  );
  return [
    make("strong", {}, t(relays ? "widgets.off-relays" : "widgets.off-faces")),
    make("p", {}, t(`widgets.off-${why}`)),
    ...(rules.length > 0 ? [list] : []),
    make("p", {}, t(`widgets.off-${why}-do`)),
  ];
}
