/** What the keeper is started with. */
export interface KeeperSettings {
  path: string;
  baudRate: number;
  relays: number;
  /** Relays that fire holds released: told ON where the others are told OFF. */
  held: number[];
}

/** An order to open that has waited this long is none any more, ms: whoever asked has been told that it failed. */
export const longestWaitMs = 2000;

/** Whether an order has waited too long. @param now monotonic ms of the machine, the same in both processes */
export const isLate = (order: KeeperOrder, now: number): boolean =>
  order.do === "pulse" && now > order.before;

export type KeeperOrder =
  | { n: number; do: "pulse"; channel: number; ms: number /** Monotonic ms. */; before: number }
  | { n: number; do: "off" | "hold" | "free"; channel: number }
  | { n: number; do: "close" };

export type KeeperAnswer = { n: number; ok: boolean } | { up: boolean };
