import { ask } from "./api.ts";

export interface Erasure {
  state: "running" | "waiting" | "done";
  steps: { step: string; at?: string; problem?: string }[];
  receipt?: string;
}

/**
 * Follows an erasure to its end: "erased" is said only when every copy is gone.
 * @param seen called with each state on the way
 * @returns the signed receipt
 * @throws Problem
 */
export const followErasure = (id: string, seen?: (erasure: Erasure) => void): Promise<string | undefined> =>
  follow(() => ask<Erasure>("GET", `/erasures/${id}`), seen);

/** The same for whoever is being erased, and has no session from the first step on. */
export const followOwnErasure = (
  id: string,
  seen?: (erasure: Erasure) => void,
): Promise<string | undefined> => follow(() => ask<Erasure>("POST", "/erasures/receipt", { id }), seen);

async function follow(
  look: () => Promise<Erasure>,
  seen?: (erasure: Erasure) => void,
): Promise<string | undefined> {
  for (;;) {
    const erasure = await look();
    seen?.(erasure);
    if (erasure.state === "done") return erasure.receipt;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
