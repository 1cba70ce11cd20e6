import type { AuditLog, LogEntry } from "../audit/types.ts";
import type { Consents, ConsentView } from "../consent/index.ts";
import type { Erasures } from "./erasures.ts";
import type { Actor, ErasureCause, ErasureView, TemplateShelf } from "./types.ts";

export interface RemovalDeps {
  consents: Consents;
  templates: TemplateShelf;
  erasures: Erasures;
  log: Pick<AuditLog, "appendWith">;
}

/**
 * What takes a face or a person out: withdrawal, refusal, moving out, running out, being asked to. Whatever ends a consent
 * and the erasure it causes are written in one transaction: there is no moment at which one is on record without the other.
 */
export class Removal {
  readonly #deps: RemovalDeps;

  constructor(deps: RemovalDeps) {
    this.#deps = deps;
  }

  /**
   * Withdraws a consent. From the return on it cannot match; when nothing else keeps the face, its erasure has begun.
   * @returns the erasure, when there was a face
   * @throws LimenError `consent-unknown`, `consent-over`, `log-failed`
   */
  withdraw(id: string, actor?: Actor): string | undefined {
    const { consents } = this.#deps;
    const { person, state } = consents.read(id);
    if (state === "withdrawn") return undefined;
    const staff = actor?.role === "resident" ? undefined : actor;
    const by = staff ? "staff" : "self";
    const rest = consents.standing(person).filter((other) => other !== id);
    return this.#face(person, "withdrawn", rest.length === 0, (together) => {
      consents.withdraw(id, { by, staff, ...(together && { together }) });
    });
  }

  /**
   * Records a refusal; a face that is in use is erased.
   * @throws LimenError `person-unknown`, `log-failed`
   */
  refuse(request: Parameters<Consents["refuse"]>[0]): { consent: ConsentView; erasure?: string } {
    let consent: ConsentView | undefined;
    const erasure = this.#face(request.person, "refused", true, (together) => {
      consent = this.#deps.consents.refuse(request, together);
    });
    return { consent: consent!, ...(erasure !== undefined && { erasure }) };
  }

  /** Residency has ended: consents end, the face goes (RD-25). @returns the erasure, when there was a face */
  leave(person: string): string | undefined {
    return this.#face(person, "left", true, (together) =>
      this.#deps.consents.terminate([person], "left", together),
    );
  }

  /** Erases a face and leaves consents as they are. @returns the erasure, also when there was nothing to erase */
  face(person: string, cause: ErasureCause = "asked"): string {
    const { erasures, templates } = this.#deps;
    return erasures.begin({ scope: "face", cause, persons: [person], templates: templates.of(person) });
  }

  /**
   * Puts a new face on record (`Templates.put`): its entry, its key and the erasure of the faces it takes the place of are
   * one transaction. Whenever the power goes, the person has the former face or the new one, and what they have is on record.
   * @param store what `Templates.put` gives to be called in that transaction
   * @throws LimenError `log-failed`; then everything is as it was
   */
  enrolled(person: string, entry: LogEntry, replaced: readonly string[], store: () => void): void {
    const { erasures, log } = this.#deps;
    const former =
      replaced.length > 0
        ? erasures.plan({ scope: "face", cause: "renewed", persons: [person], templates: replaced })
        : undefined;
    log.appendWith([entry, ...(former?.together.entries ?? [])], () => {
      store();
      former?.together.write();
    });
    try {
      if (former) erasures.start(former.order);
    } catch {
      // it is on record together with the new face, and goes on with the next erasure or start
    }
  }

  /**
   * Erases everything about these people: face, names, credentials, keys. Several in one go say less about each. Who is
   * under a legal hold loses the face at once and the rest when the hold ends.
   */
  persons(persons: readonly string[], cause: ErasureCause = "asked"): string {
    const { consents, erasures, templates } = this.#deps;
    const faces = persons.flatMap((person) => templates.of(person));
    if (faces.length > 0 && erasures.held(persons)) {
      erasures.begin({ scope: "face", cause, persons, templates: faces });
    }
    const { order, together } = erasures.plan({ scope: "person", cause, persons, templates: faces });
    consents.terminate(persons, "erased", together);
    erasures.start(order);
    return order.id;
  }

  /** @throws LimenError `erasure-unknown` */
  read(id: string): ErasureView {
    return this.#deps.erasures.read(id);
  }

  /**
   * Erases every face that rests on nothing: consents that ran out, and whatever a restored file brought back. Call it at
   * start before templates are loaded, and hourly.
   * @returns the erasure, when there was one
   */
  sweep(): string | undefined {
    const { consents, erasures, templates } = this.#deps;
    consents.sweep();
    const persons = consents
      .people()
      .filter((person) => !consents.keepsFace(person) && templates.of(person).length > 0);
    if (persons.length === 0) return undefined;
    const ids = persons.flatMap((person) => templates.of(person));
    return erasures.begin({ scope: "face", cause: "ran-out", persons, templates: ids });
  }

  #face(
    person: string,
    cause: ErasureCause,
    last: boolean,
    change: (together?: ReturnType<Erasures["plan"]>["together"]) => void,
  ): string | undefined {
    const { erasures, templates } = this.#deps;
    const ids = last ? templates.of(person) : [];
    if (ids.length === 0) {
      change();
      return undefined;
    }
    const { order, together } = erasures.plan({ scope: "face", cause, persons: [person], templates: ids });
    change(together);
    erasures.start(order);
    return order.id;
  }
}
