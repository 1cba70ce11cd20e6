import type { VerbName } from "../../vault/protocol/index.ts";

/**
 * What a wire may ask of the desk. Absent are the verbs whose answers a message must never hold: names and flats
 * (`person.read`, `person.list` are look-ups, made by somebody on a page for a purpose), PINs and passwords.
 */
export const actions = [
  "person.create",
  "person.update",
  "person.leave",
  "credential.issue",
  "credential.block",
  "consent.give",
  "consent.refuse",
  "consent.list",
  "consent.withdraw",
  "face.remove",
  "erasure.start",
  "erasure.read",
  "door.list",
  "event.list",
] as const satisfies readonly VerbName[];

export type Action = (typeof actions)[number];
