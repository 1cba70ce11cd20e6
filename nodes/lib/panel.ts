import { type Clock, systemClock } from "../../core/clock.ts";
import type { DeviceView, Request } from "../../core/devices/osdp/index.ts";
import type { EntryAttempt } from "../../core/entry/attempt.ts";

/** What a device's line is worth just now. `wires`: it speaks through a node of Node-RED's, which shows its own state. */
export type LineState = "online" | "offline" | "connecting" | "unpaired" | "pairing" | "wires";

/** One device as the test panel of its node shows it. Nothing here says who somebody is. */
export interface DeviceLook {
  /** Address on its line, where it has one. */
  unit?: number;
  line: LineState;
  /** Only what comes out of an encrypted session counts. */
  secure?: boolean;
  /** Seconds since it last said anything; absent: never. */
  heard?: number;
  /** How often it was not understood, or an alarm of its line was raised, since the start. */
  faults?: number;
  last?: LastRead;
  /** Levels as the node understands them: `contact`, `exit`, `fire`, `tamper`, `relay`, `alive/<reader>`. */
  inputs?: { name: string; on: boolean }[];
}

/** What was read last, masked. */
export interface LastRead {
  kind: "card" | "keys" | "code";
  /** The last digits of a card's number, never more than a third of it; a code shows none. */
  tail?: string;
  /** Bits of the card the reader really saw, or characters of the code. */
  size?: number;
  /** Seconds ago. */
  ago: number;
}

/** What a node offers the test panel in its edit dialog. */
export interface Panel {
  /** The door this node serves. */
  door?: string;
  look(): DeviceLook[];
  /** Light and sound, where the device has them. @param unit address on the line */
  signal?(unit: number | undefined): Promise<void>;
  /** This node moves the door's lock: a test opening makes sense here. */
  opens?: true;
  /** Starts a test's attempt on this node's wire, as a card would. The lower `turn` is asked first. */
  begin?: { turn: number; send(attempt: EntryAttempt): void };
}

/** How long a panel that asked counts as open: it asks every second, ms. */
const watchedMs = 5000;
/** A read is shown this long, ms. */
const shownMs = 30_000;
/** A press is shown this long, ms. */
const pressedMs = 3000;

/**
 * When a device was last heard, and what it read. What it read is kept only while somebody has its panel open, masked,
 * for half a minute: nobody's cards collect here.
 */
export class Heard {
  readonly #clock: Clock;
  #at: number | undefined;
  #watched = Number.NEGATIVE_INFINITY;
  #last: (Omit<LastRead, "ago"> & { at: number }) | undefined;
  readonly #inputs = new Map<string, { on: boolean; until: number }>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** It said something, whatever it was. */
  anything(): void {
    this.#at = this.#clock.monotonic();
  }

  card({ number, bits }: { number: string; bits: number }): void {
    this.#keep({ kind: "card", tail: number.slice(-Math.min(4, Math.floor(number.length / 3))), size: bits });
  }

  /** Key presses: that there were some, not which and not how many. */
  keys(): void {
    this.#keep({ kind: "keys" });
  }

  /** Text of a pass or of a card that signs: how long it was. */
  code(text: string): void {
    this.#keep({ kind: "code", size: text.length });
  }

  /** A level as it is now. */
  input(name: string, on: boolean): void {
    this.#inputs.set(name, { on, until: Number.POSITIVE_INFINITY });
    this.anything();
  }

  /** A button that was pressed: shown for a moment. */
  press(name: string): void {
    this.#inputs.set(name, { on: true, until: this.#clock.monotonic() + pressedMs });
    this.anything();
  }

  /** For the panel: that somebody looks, and what they see. */
  look(): Pick<DeviceLook, "heard" | "last" | "inputs"> {
    const now = this.#clock.monotonic();
    this.#watched = now;
    if (this.#last && now - this.#last.at > shownMs) this.#last = undefined;
    const { at, ...last } = this.#last ?? {};
    return {
      ...(this.#at === undefined ? {} : { heard: secondsSince(this.#at, now) }),
      ...(at === undefined
        ? {}
        : { last: { ...(last as Omit<LastRead, "ago">), ago: secondsSince(at, now) } }),
      ...(this.#inputs.size > 0 && {
        inputs: [...this.#inputs].map(([name, { on, until }]) => ({ name, on: on && now < until })),
      }),
    };
  }

  #keep(read: Omit<LastRead, "ago">): void {
    this.anything();
    const at = this.#clock.monotonic();
    this.#last = at - this.#watched <= watchedMs ? { ...read, at } : undefined;
  }
}

const secondsSince = (at: number, now: number): number => Math.max(0, Math.round((now - at) / 1000));

/** An OSDP reader, as its line knows it. */
export const osdpLook = ({ address, state, heardAgo, alarms }: DeviceView): DeviceLook => ({
  unit: address,
  line: state,
  secure: state === "online",
  ...(heardAgo === undefined ? {} : { heard: Math.round(heardAgo / 1000) }),
  faults: Object.values(alarms).reduce((sum, count) => sum + count, 0),
});

/** Shows and sounds a test at an OSDP reader. @throws LimenError as `OsdpBus.send` does, when it did not take the light */
export async function signalAt(
  readers: { send(address: number, request: Request): Promise<void> },
  unit: number,
  requests: readonly Request[],
): Promise<void> {
  const [light, ...rest] = requests;
  if (light) await readers.send(unit, light);
  // a reader without a buzzer says so, and has shown its light
  for (const request of rest) await readers.send(unit, request).catch(() => undefined);
}
