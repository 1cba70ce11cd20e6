import { randomBytes } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { AttemptCode } from "./codes.ts";

/** A ticket opens within this time of sensing, ms (monotonic): later, the person may have walked away. */
export const ticketMs = 5000;

interface Ticket {
  attempt: string;
  door: string;
  action: "open";
  leaf: number;
  /** Monotonic ms. */
  dies: number;
  used: boolean;
  /** Told of as one that opened nothing. */
  lapsed?: true;
}

export type Redeemed = { attempt: string; leaf: number } | { code: AttemptCode; attempt?: string };

/** Single-use permissions to open one door once. In memory only: a restart voids them all. */
export class TicketDesk {
  readonly #tickets = new Map<string, Ticket>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param sensedAt monotonic ms of the sense, not of the decision: slow checks use the time up */
  issue(attempt: string, door: string, leaf: number, sensedAt: number): string {
    this.#forget();
    const ticket = randomBytes(24).toString("base64url");
    this.#tickets.set(ticket, {
      attempt,
      door,
      action: "open",
      leaf,
      dies: sensedAt + ticketMs,
      used: false,
    });
    return ticket;
  }

  /** Uses a ticket up. A used, late or misdirected one stays known for a minute, so that its misuse has a name. */
  redeem(value: string, door: string): Redeemed {
    const ticket = this.#tickets.get(value);
    if (!ticket) return { code: "ticket-unknown" };
    const { attempt, leaf } = ticket;
    if (ticket.used) return { code: "ticket-used", attempt };
    if (ticket.door !== door) return { code: "ticket-wrong-door", attempt };
    if (ticket.lapsed || this.#clock.monotonic() > ticket.dies) return { code: "too-late", attempt };
    ticket.used = true;
    return { attempt, leaf };
  }

  /** Attempts whose ticket has died unused since this was last asked: from here on it can open nothing. */
  lapsed(): string[] {
    const now = this.#clock.monotonic();
    const found: string[] = [];
    for (const ticket of this.#tickets.values()) {
      if (ticket.used || ticket.lapsed || now <= ticket.dies) continue;
      ticket.lapsed = true;
      found.push(ticket.attempt);
    }
    return found;
  }

  #forget(): void {
    const gone = this.#clock.monotonic() - 60_000;
    for (const [value, { dies }] of this.#tickets) {
      if (dies > gone) break;
      this.#tickets.delete(value);
    }
  }
}
