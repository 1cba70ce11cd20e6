import type { Key } from "../cards/reading.ts";
import { keyOfOsdp } from "../keypad/bursts.ts";
import type { Identity, Reply } from "./replies.ts";

/**
 * - `unpaired`: no key; it may answer, and nothing it says counts.
 * - `offline`: does not answer.
 * - `connecting`: answers, but there is no secure session yet, or it has not told all that it kept from before.
 * - `online`: secure session; the only state in which anything it says counts.
 * - `pairing`: an operator is giving it a key.
 */
export type DeviceState = "unpaired" | "offline" | "connecting" | "online" | "pairing";

/**
 * What somebody has to look at.
 *
 * - `clear-frame`: a frame without MAC inside a session, or a card or key without a session.
 * - `bad-mac`: a frame whose MAC is wrong. `session-lost`: the device says it has no session (a restart, or an attack).
 * - `wrong-key`: the device does not know its key. `wrong-slot`: it proved another key than asked.
 * - `handshake-answer`: an answer that is no step of the handshake. `secure-channel-refused`: it would not start one.
 * - `downgrade`: a keyed device claims not to know secure channels. `identity-changed`: another maker, model or serial.
 * - `unexpected-answer`: authentic, but not what the standard lets it say (see the `open-status` quirk).
 * - `handshakes-failing`: three in a row. `out-of-service`: not usable for eight seconds.
 */
export type Alarm =
  | "clear-frame"
  | "bad-mac"
  | "session-lost"
  | "wrong-key"
  | "wrong-slot"
  | "handshake-answer"
  | "secure-channel-refused"
  | "downgrade"
  | "identity-changed"
  | "unexpected-answer"
  | "handshakes-failing"
  | "out-of-service";

/** What happens on the bus. Cards and keys come out of secure sessions only; neither may be logged. */
export type OsdpEvent =
  | { kind: "state"; address: number; state: DeviceState }
  /** `hex` holds `bits` bits, the first one leftmost, the last byte filled up with zeros. */
  | { kind: "card"; address: number; reader: number; format: "raw" | "wiegand"; bits: number; hex: string }
  | { kind: "key"; address: number; reader: number; key: Key }
  | { kind: "tamper"; address: number; on: boolean }
  | { kind: "power"; address: number; failed: boolean }
  | { kind: "inputs"; address: number; inputs: readonly boolean[] }
  | { kind: "outputs"; address: number; outputs: readonly boolean[] }
  /** 0 normal, 1 not connected, 2 tampered with. */
  | { kind: "readers"; address: number; readers: readonly number[] }
  | { kind: "identity"; address: number; identity: Identity }
  /** `count`: how often since the start. */
  | { kind: "alarm"; address: number; alarm: Alarm; count: number };

/** What an authentic answer reports. */
export function eventsOf(address: number, reply: Reply): OsdpEvent[] {
  switch (reply.kind) {
    case "card": {
      const { reader, format, bits, data } = reply;
      return [{ kind: "card", address, reader, format, bits, hex: data.toString("hex").toUpperCase() }];
    }
    case "keys":
      return [...reply.keys].flatMap((char): OsdpEvent[] => {
        const key = keyOfOsdp(char);
        return key ? [{ kind: "key", address, reader: reply.reader, key }] : [];
      });
    case "local-status":
      return [
        { kind: "tamper", address, on: reply.tamper },
        { kind: "power", address, failed: reply.power },
      ];
    case "input-status":
      return [{ kind: "inputs", address, inputs: reply.inputs }];
    case "output-status":
      return [{ kind: "outputs", address, outputs: reply.outputs }];
    case "reader-status":
      return [{ kind: "readers", address, readers: reply.readers }];
    default:
      return [];
  }
}
