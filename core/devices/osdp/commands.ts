import { bad, exactly, numbers, records } from "./bytes.ts";
import { type Buzz, buzzBytes, buzzOf, type Led, ledBytes, ledOf } from "./lights.ts";

/** Output codes: 1 off, 2 on (both ending a timer), 3 off, 4 on (both leaving it), 5 on for a time, 6 off for a time. */
export interface OutputOrder {
  output: number;
  code: number;
  /** Tenths of a second, for 5 and 6. */
  tenths: number;
}

/** Commands that are all said by their code. */
type Bare =
  | "poll"
  | "id"
  | "capabilities"
  | "local-status"
  | "input-status"
  | "output-status"
  | "reader-status"
  | "abort";

/** Everything a panel says (v2.2, clause 6). */
export type Command =
  | { [K in Bare]: { kind: K } }[Bare]
  | { kind: "outputs"; outputs: readonly OutputOrder[] }
  | { kind: "leds"; leds: readonly Led[] }
  | { kind: "buzzer"; buzzes: readonly Buzz[] }
  | {
      kind: "text";
      reader: number;
      mode: number;
      seconds: number;
      row: number;
      column: number;
      text: string;
    }
  | { kind: "communication"; address: number; baud: number }
  | { kind: "key-set"; key: Buffer }
  | { kind: "challenge"; random: Buffer }
  | { kind: "server-cryptogram"; cryptogram: Buffer }
  | { kind: "receive-size"; bytes: number }
  | { kind: "keep-active"; ms: number }
  | { kind: "maker"; vendor: number; data: Buffer };

/** A command's code and its data in clear. */
export interface Coded {
  id: number;
  data: Buffer;
}

interface Codec<C extends Command> {
  id: number;
  encode(command: C): Buffer;
  /** Undefined when the bytes do not fit. */
  decode(data: Buffer): C | undefined;
}

const none = Buffer.alloc(0);

const bare = <K extends Bare>(
  id: number,
  kind: K,
  data: Buffer = none,
): Codec<Extract<Command, { kind: K }>> => ({
  id,
  encode: () => data,
  decode: (bytes) => (bytes.equals(data) ? ({ kind } as Extract<Command, { kind: K }>) : undefined),
});

/** A list whose every record reads well. */
const all = <T>(list: readonly (T | undefined)[] | undefined): T[] | undefined =>
  list?.every((one) => one !== undefined) ? (list as T[]) : undefined;

const codecs: { [K in Command["kind"]]: Codec<Extract<Command, { kind: K }>> } = {
  poll: bare(0x60, "poll"),
  id: bare(0x61, "id", Buffer.from([0])),
  capabilities: bare(0x62, "capabilities", Buffer.from([0])),
  "local-status": bare(0x64, "local-status"),
  "input-status": bare(0x65, "input-status"),
  "output-status": bare(0x66, "output-status"),
  "reader-status": bare(0x67, "reader-status"),
  abort: bare(0xa2, "abort"),
  outputs: {
    id: 0x68,
    encode: ({ outputs }) =>
      Buffer.concat(
        outputs.map(({ output, code, tenths }) => {
          if (code > 6) throw bad("code");
          return numbers(["output", output], ["code", code], ["tenths", tenths, 2]);
        }),
      ),
    decode: (data) => {
      const outputs = records(data, 4)?.map((one) => ({
        output: one[0]!,
        code: one[1]!,
        tenths: one.readUInt16LE(2),
      }));
      return outputs?.every(({ code }) => code <= 6) ? { kind: "outputs", outputs } : undefined;
    },
  },
  leds: {
    id: 0x69,
    encode: ({ leds }) => Buffer.concat(leds.map(ledBytes)),
    decode: (data) => {
      const leds = all(records(data, 14)?.map(ledOf));
      return leds ? { kind: "leds", leds } : undefined;
    },
  },
  buzzer: {
    id: 0x6a,
    encode: ({ buzzes }) => Buffer.concat(buzzes.map(buzzBytes)),
    decode: (data) => {
      const buzzes = records(data, 5)?.map(buzzOf);
      return buzzes ? { kind: "buzzer", buzzes } : undefined;
    },
  },
  text: {
    id: 0x6b,
    encode: ({ reader, mode, seconds, row, column, text }) => {
      if (!/^[\x20-\x7e]*$/.test(text)) throw bad("text"); // v2.2, 6.12: printable ASCII
      return Buffer.concat([
        numbers(
          ["reader", reader],
          ["mode", mode],
          ["seconds", seconds],
          ["row", row],
          ["column", column],
          ["text", text.length],
        ),
        Buffer.from(text, "latin1"),
      ]);
    },
    decode: (data) => {
      if (data.length < 6 || data.length !== 6 + data[5]!) return undefined;
      const [reader, mode, seconds, row, column] = data as unknown as [
        number,
        number,
        number,
        number,
        number,
      ];
      return { kind: "text", reader, mode, seconds, row, column, text: data.toString("latin1", 6) };
    },
  },
  communication: {
    id: 0x6e,
    encode: ({ address, baud }) => numbers(["address", address], ["baud", baud, 4]),
    decode: (data) =>
      data.length === 5
        ? { kind: "communication", address: data[0]!, baud: data.readUInt32LE(1) }
        : undefined,
  },
  "key-set": {
    id: 0x75,
    encode: ({ key }) => Buffer.concat([Buffer.from([1, 16]), exactly("key", key, 16)]),
    decode: (data) =>
      data.length === 18 && data[0] === 1 && data[1] === 16
        ? { kind: "key-set", key: data.subarray(2) }
        : undefined,
  },
  challenge: {
    id: 0x76,
    encode: ({ random }) => exactly("random", random, 8),
    decode: (data) => (data.length === 8 ? { kind: "challenge", random: data } : undefined),
  },
  "server-cryptogram": {
    id: 0x77,
    encode: ({ cryptogram }) => exactly("cryptogram", cryptogram, 16),
    decode: (data) => (data.length === 16 ? { kind: "server-cryptogram", cryptogram: data } : undefined),
  },
  "receive-size": {
    id: 0x7b,
    encode: ({ bytes }) => numbers(["bytes", bytes, 2]),
    decode: (data) => (data.length === 2 ? { kind: "receive-size", bytes: data.readUInt16LE() } : undefined),
  },
  "keep-active": {
    id: 0xa7,
    encode: ({ ms }) => numbers(["ms", ms, 2]),
    decode: (data) => (data.length === 2 ? { kind: "keep-active", ms: data.readUInt16LE() } : undefined),
  },
  maker: {
    id: 0x80,
    encode: ({ vendor, data }) => Buffer.concat([numbers(["vendor", vendor, 3]), data]),
    decode: (data) =>
      data.length >= 3 ? { kind: "maker", vendor: data.readUIntLE(0, 3), data: data.subarray(3) } : undefined,
  },
};

const byId = new Map(Object.values(codecs).map((codec) => [codec.id, codec as Codec<Command>]));

/** @throws LimenError `osdp-command-bad` naming the first field the wire cannot carry */
export function encodeCommand(command: Command): Coded {
  const codec = codecs[command.kind] as Codec<Command>;
  return { id: codec.id, data: codec.encode(command) };
}

/** Undefined for a code that is none of ours, or data that does not fit it. */
export const decodeCommand = (id: number, data: Buffer): Command | undefined => byId.get(id)?.decode(data);
