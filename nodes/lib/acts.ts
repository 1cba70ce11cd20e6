import type { EntryAttempt } from "../../core/entry/attempt.ts";
import { LimenError } from "../../core/errors.ts";
import type { VaultClient } from "../../vault/client.ts";
import type { Request, VaultEvent } from "../../vault/protocol/index.ts";

/**
 * Deliberate acts: what somebody does at a door's screen, in the guard's dashboard or on their own phone. The HTTP API
 * calls `act`; the node that serves this door and kind answers. Nothing of it travels over a wire or a broker.
 */
export interface Acts {
  /** "Use my face" pressed: `id` is good for one look. */
  face: { kind: "button" | "screen"; id: string };
  /** Staff opens for somebody; `auth` is the staff member's session, checked by the vault. */
  assist: { auth: string; reason: Request<"assist">["reason"] };
  /** A resident opens from their own page; `code` is what the door's screen shows, where it asks for that. */
  phone: { auth: string; code?: string };
  /** A code typed on the door's own screen. */
  pin: { digits: string };
  /** Staff end a fire release; `auth` is the staff member's session, checked by the vault. No attempt comes of it. */
  "fire-reset": { auth: string; reason: Request<"fire.reset">["reason"] };
}
export type ActKind = keyof Acts;
/** Starts what was asked and answers with the attempt's id as soon as there is one; where none comes of it, with the door's. */
export type ActHandler<K extends ActKind> = (act: Acts[K]) => Promise<string>;

const handlers = new Map<string, ActHandler<never>>();
const keyOf = (door: string, kind: ActKind): string => `${door} ${kind}`;

/**
 * Offers a way to act at a door. The newest offer counts.
 * @returns takes the offer back
 */
export function onAct<K extends ActKind>(door: string, kind: K, handler: ActHandler<K>): () => void {
  const key = keyOf(door, kind);
  handlers.set(key, handler);
  return () => {
    if (handlers.get(key) === handler) handlers.delete(key);
  };
}

/** Is there a node for this kind of act at this door? */
export const canAct = (door: string, kind: ActKind): boolean => handlers.has(keyOf(door, kind));

/**
 * Acts at a door.
 * @returns the attempt's id
 * @throws LimenError `no-such-way` when the deployed flow has no node for it; whatever the node says otherwise
 */
export async function act<K extends ActKind>(door: string, kind: K, details: Acts[K]): Promise<string> {
  const handler = handlers.get(keyOf(door, kind)) as ActHandler<K> | undefined;
  if (!handler) throw new LimenError("no-such-way", { status: 404, params: { kind } });
  return await handler(details);
}

/** Closed and on the record. */
const isOver = (attempt: EntryAttempt): boolean =>
  attempt.outcome !== "pending" && attempt.record !== undefined;

/**
 * Waits until an attempt is decided and recorded.
 * @param ms how long to wait; then a decision that was reached but not recorded is answered as it stands
 * @throws LimenError `outcome-late` when there is none by then, or what the vault says of an unknown id
 */
export async function outcome(vault: VaultClient, id: string, ms: number): Promise<EntryAttempt> {
  const { promise, resolve, reject } = Promise.withResolvers<EntryAttempt>();
  const hear = (event: VaultEvent): void => {
    if (event.event === "attempt" && event.attempt.id === id && isOver(event.attempt)) resolve(event.attempt);
  };
  vault.on("event", hear);
  const timer = setTimeout(() => {
    vault.call("attempt", { id }).then((now) => {
      if (now.outcome === "pending") reject(new LimenError("outcome-late", { status: 504 }));
      else resolve(now);
    }, reject);
  }, ms);
  try {
    // it may have ended before anyone listened
    const now = await vault.call("attempt", { id });
    return isOver(now) ? now : await promise;
  } finally {
    clearTimeout(timer);
    vault.off("event", hear);
    promise.catch(() => undefined);
  }
}
