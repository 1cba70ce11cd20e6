import { failed, mark, viewOf } from "../../core/entry/book.ts";
import type { Handler } from "../handlers.ts";
import type { Services } from "../services.ts";

/** Is there a live consent right now? Only a face needs one; every other way passes. */
export const consent =
  ({ book, consents }: Services): Handler<"consent"> =>
  ({ attempt: id, node }) => {
    const attempt = book.open(id);
    if (failed(attempt)) return viewOf(attempt);
    const { person, door } = attempt.view;
    const code =
      attempt.methods.has("face") && person !== undefined ? consents.check(person, "face", door) : undefined;
    mark(attempt, node, "consent-check", code);
    return viewOf(attempt);
  };
