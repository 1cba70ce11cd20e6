import type { Role } from "./protocol/common.ts";
import type { Answer, Request, VerbName } from "./protocol/index.ts";

/** Who asks: a staff account, a token, a resident, or the flow itself. */
export interface Actor {
  id: string;
  role: Role;
  /** For the record of look-ups; a staff name or a token's label. */
  name: string;
  /** The person behind a resident's session: the only one whose data it may touch. */
  person?: string;
  /** From when on it may see what doors did to that person (`SignedIn.doorsFrom`). */
  doorsFrom?: string;
  /** Absent: the operator of the box, or the flow. */
  kind?: "session" | "token";
  /** A password or passkey was given moments ago (`SignedIn.fresh`). */
  fresh: boolean;
  /** Nobody used this session for a while (`SignedIn.resting`). */
  resting?: true;
}

/** What a handler gets beside its request. */
export interface Call {
  actor: Actor;
  /** Buffers that came beside the JSON; overwritten when the handler is done. */
  blobs: Buffer[];
}

export type Handler<V extends VerbName> = (request: Request<V>, call: Call) => Answer<V> | Promise<Answer<V>>;
export type Handlers = { [V in VerbName]: Handler<V> };
