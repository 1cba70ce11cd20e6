/** What the keeper is started with. */
export interface KeeperSettings {
  path: string;
  baudRate: number;
  relays: number;
}

export type KeeperOrder =
  | { n: number; do: "pulse"; channel: number; ms: number }
  | { n: number; do: "off"; channel: number }
  | { n: number; do: "close" };

export type KeeperAnswer = { n: number; ok: boolean } | { up: boolean };
