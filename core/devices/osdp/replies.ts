/** Who made a device, and which one it is (PDID, v2.2 7.4). */
export interface Identity {
  /** IEEE OUI, 24 bits. */
  vendor: number;
  model: number;
  version: number;
  serial: number;
  firmware: readonly [major: number, minor: number, build: number];
}

/** One line of PDCAP: what a device can do. */
export interface Capability {
  code: number;
  level: number;
  items: number;
}

/** Capability codes used here (v2.2, annex B). */
export const capabilityCodes = {
  contacts: 1,
  outputs: 2,
  cardFormat: 3,
  leds: 4,
  sound: 5,
  text: 6,
  checkCharacters: 8,
  security: 9,
  receiveSize: 10,
  combinedSize: 11,
  readers: 13,
  version: 16,
} as const;

/** Why a device would not (NAK, v2.2 table 47). */
export const refusals = {
  check: 1,
  length: 2,
  unknown: 3,
  sequence: 4,
  noSecureChannel: 5,
  security: 6,
  biometricType: 7,
  biometricFormat: 8,
  record: 9,
} as const;

/** Everything a device answers (v2.2, clause 7). */
export type Reply =
  | { kind: "ack" }
  | { kind: "busy" }
  | { kind: "nak"; code: number }
  | { kind: "identity"; identity: Identity }
  | { kind: "capabilities"; capabilities: readonly Capability[] }
  | { kind: "local-status"; tamper: boolean; power: boolean }
  | { kind: "input-status"; inputs: readonly boolean[] }
  | { kind: "output-status"; outputs: readonly boolean[] }
  /** 0 normal, 1 not connected, 2 tampered with. */
  | { kind: "reader-status"; readers: readonly number[] }
  /** `data` holds `bits` bits, the first one leftmost. */
  | { kind: "card"; reader: number; format: "raw" | "wiegand"; bits: number; data: Buffer }
  /** FMT: superseded, and its characters say nothing about what the card was. */
  | { kind: "formatted-card"; reader: number }
  | { kind: "keys"; reader: number; keys: Buffer }
  | { kind: "communication"; address: number; baud: number }
  | { kind: "client-cryptogram"; uid: Buffer; random: Buffer; cryptogram: Buffer }
  | { kind: "initial-mac"; mac: Buffer }
  | { kind: "maker"; vendor: number; data: Buffer };

interface Codec<R extends Reply> {
  id: number;
  encode(reply: R): Buffer;
  decode(data: Buffer): R | undefined;
}

const bare = <R extends { kind: "ack" } | { kind: "busy" }>(id: number, reply: R): Codec<R> => ({
  id,
  encode: () => Buffer.alloc(0),
  decode: (data) => (data.length === 0 ? { ...reply } : undefined),
});

const flags = (data: Buffer): boolean[] | undefined =>
  data.every((byte) => byte <= 1) ? Array.from(data, (byte) => byte === 1) : undefined;
const bytesOf = (list: readonly boolean[]): Buffer => Buffer.from(list.map(Number));

const codecs: { [K in Reply["kind"]]: Codec<Extract<Reply, { kind: K }>> } = {
  ack: bare(0x40, { kind: "ack" }),
  busy: bare(0x79, { kind: "busy" }),
  nak: {
    id: 0x41,
    encode: ({ code }) => Buffer.from([code]),
    decode: (data) => (data.length >= 1 ? { kind: "nak", code: data[0]! } : undefined),
  },
  identity: {
    id: 0x45,
    encode: ({ identity: { vendor, model, version, serial, firmware } }) => {
      const data = Buffer.from([0, 0, 0, model, version, 0, 0, 0, 0, ...firmware]);
      data.writeUIntLE(vendor, 0, 3);
      data.writeUInt32LE(serial, 5);
      return data;
    },
    decode: (data) =>
      data.length === 12
        ? {
            kind: "identity",
            identity: {
              vendor: data.readUIntLE(0, 3),
              model: data[3]!,
              version: data[4]!,
              serial: data.readUInt32LE(5),
              firmware: [data[9]!, data[10]!, data[11]!],
            },
          }
        : undefined,
  },
  capabilities: {
    id: 0x46,
    encode: ({ capabilities }) =>
      Buffer.from(capabilities.flatMap(({ code, level, items }) => [code, level, items])),
    decode: (data) =>
      data.length % 3 === 0
        ? {
            kind: "capabilities",
            capabilities: Array.from({ length: data.length / 3 }, (_, at) => ({
              code: data[at * 3]!,
              level: data[at * 3 + 1]!,
              items: data[at * 3 + 2]!,
            })),
          }
        : undefined,
  },
  "local-status": {
    id: 0x48,
    encode: ({ tamper, power }) => bytesOf([tamper, power]),
    decode: (data) => {
      const [tamper, power] = flags(data) ?? [];
      return data.length === 2 && tamper !== undefined && power !== undefined
        ? { kind: "local-status", tamper, power }
        : undefined;
    },
  },
  "input-status": {
    id: 0x49,
    encode: ({ inputs }) => bytesOf(inputs),
    decode: (data) => {
      const inputs = flags(data);
      return inputs && { kind: "input-status", inputs };
    },
  },
  "output-status": {
    id: 0x4a,
    encode: ({ outputs }) => bytesOf(outputs),
    decode: (data) => {
      const outputs = flags(data);
      return outputs && { kind: "output-status", outputs };
    },
  },
  "reader-status": {
    id: 0x4b,
    encode: ({ readers }) => Buffer.from(readers),
    decode: (data) =>
      data.every((byte) => byte <= 2) ? { kind: "reader-status", readers: [...data] } : undefined,
  },
  card: {
    id: 0x50,
    encode: ({ reader, format, bits, data }) =>
      Buffer.concat([Buffer.from([reader, format === "raw" ? 0 : 1, bits & 0xff, bits >> 8]), data]),
    decode: (data) => {
      if (data.length < 5 || data[1]! > 1) return undefined;
      const bits = data.readUInt16LE(2);
      if (bits === 0 || data.length !== 4 + Math.ceil(bits / 8)) return undefined;
      const card = Buffer.from(data.subarray(4));
      // bits past the last one are not the card's
      if (bits % 8) card[card.length - 1]! &= 0xff << (8 - (bits % 8));
      return { kind: "card", reader: data[0]!, format: data[1] ? "wiegand" : "raw", bits, data: card };
    },
  },
  "formatted-card": {
    id: 0x51,
    encode: ({ reader }) => Buffer.from([reader, 0, 0]),
    decode: (data) => (data.length >= 3 ? { kind: "formatted-card", reader: data[0]! } : undefined),
  },
  keys: {
    id: 0x53,
    encode: ({ reader, keys }) => Buffer.concat([Buffer.from([reader, keys.length]), keys]),
    decode: (data) =>
      data.length >= 2 && data.length === 2 + data[1]!
        ? { kind: "keys", reader: data[0]!, keys: Buffer.from(data.subarray(2)) }
        : undefined,
  },
  communication: {
    id: 0x54,
    encode: ({ address, baud }) => {
      const data = Buffer.from([address, 0, 0, 0, 0]);
      data.writeUInt32LE(baud, 1);
      return data;
    },
    decode: (data) =>
      data.length === 5
        ? { kind: "communication", address: data[0]!, baud: data.readUInt32LE(1) }
        : undefined,
  },
  "client-cryptogram": {
    id: 0x76,
    encode: ({ uid, random, cryptogram }) => Buffer.concat([uid, random, cryptogram]),
    decode: (data) =>
      data.length === 32
        ? {
            kind: "client-cryptogram",
            uid: data.subarray(0, 8),
            random: data.subarray(8, 16),
            cryptogram: data.subarray(16),
          }
        : undefined,
  },
  "initial-mac": {
    id: 0x78,
    encode: ({ mac }) => mac,
    decode: (data) => (data.length === 16 ? { kind: "initial-mac", mac: data } : undefined),
  },
  maker: {
    id: 0x90,
    encode: ({ vendor, data }) => {
      const head = Buffer.alloc(3);
      head.writeUIntLE(vendor, 0, 3);
      return Buffer.concat([head, data]);
    },
    decode: (data) =>
      data.length >= 3
        ? { kind: "maker", vendor: data.readUIntLE(0, 3), data: Buffer.from(data.subarray(3)) }
        : undefined,
  },
};

const byId = new Map(Object.values(codecs).map((codec) => [codec.id, codec as Codec<Reply>]));

/** A reply's code and its data in clear. */
export function encodeReply(reply: Reply): { id: number; data: Buffer } {
  const codec = codecs[reply.kind] as Codec<Reply>;
  return { id: codec.id, data: codec.encode(reply) };
}

/** Undefined for a code that is none of ours, or data that does not fit it. */
export const decodeReply = (id: number, data: Buffer): Reply | undefined => byId.get(id)?.decode(data);
