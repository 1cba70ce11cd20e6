import { type Coded, type Command, encodeCommand } from "./commands.ts";
import { encodeFrame, longestFrame, markByte, type SecurityBlock } from "./frame.ts";
import type { Quirk } from "./quirks.ts";
import { type Capability, capabilityCodes } from "./replies.ts";
import type { SecureSession } from "./secure-channel.ts";

/** Every device takes frames of this many bytes; more only if it says so. */
const surelyTaken = 128;

/** Bytes said to one device, with the sequence number the answer must carry. */
export interface Spoken {
  bytes: Buffer;
  sequence: number;
}

/** Makes one device's frames, in its order and its dialect. */
export class Speaker {
  readonly #address: number;
  readonly #quirks: ReadonlySet<Quirk>;
  #sequence = 0;

  constructor(address: number, quirks: ReadonlySet<Quirk>) {
    this.#address = address;
    this.#quirks = quirks;
  }

  /** In clear; sequence 0 makes the device start again. */
  plain(sequence: 0 | 1, said: Coded & { scb?: SecurityBlock }): Spoken {
    this.#sequence = sequence;
    return this.#spoken(
      encodeFrame({ address: this.#address, reply: false, sequence, check: this.#check, ...said }),
    );
  }

  secured(session: SecureSession, command: Command): Spoken {
    const sequence = (this.#sequence % 3) + 1;
    this.#sequence = sequence;
    const coded = encodeCommand(command);
    return this.#spoken(session.seal({ address: this.#address, sequence, check: this.#check, ...coded }));
  }

  get #check(): "crc" | "sum" {
    return this.#quirks.has("checksum") ? "sum" : "crc";
  }

  #spoken(bytes: Buffer): Spoken {
    const marked = this.#quirks.has("mark") ? Buffer.concat([Buffer.of(markByte), bytes]) : bytes;
    return { bytes: marked, sequence: this.#sequence };
  }
}

/**
 * Whether a command, sealed, fits what the device takes.
 * @throws LimenError `osdp-command-bad` naming a field the wire cannot carry
 */
export function fits(command: Command, capabilities: readonly Capability[]): boolean {
  const size = capabilities.find(({ code }) => code === capabilityCodes.receiveSize);
  const claimed = size ? size.level | (size.items << 8) : 0;
  const most = Math.min(Math.max(claimed, surelyTaken), longestFrame);
  const { data } = encodeCommand(command);
  const sealed = data.length === 0 ? 0 : (Math.floor(data.length / 16) + 1) * 16;
  return 14 + sealed <= most;
}
