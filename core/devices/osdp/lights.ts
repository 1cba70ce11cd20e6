import { bad, numbers } from "./bytes.ts";

/** Colours of a reader's light, by their code (v2.2, table 24). */
export const colours = ["none", "red", "green", "amber", "blue", "magenta", "cyan", "white"] as const;
export type Colour = (typeof colours)[number];

/** A light's blinking: times in tenths of a second. */
export interface Blink {
  on: number;
  off: number;
  onColour: Colour;
  offColour: Colour;
}

export interface Led {
  reader: number;
  led: number;
  /** For `tenths`, then the permanent state again; `cancel` ends one that runs. */
  temporary?: (Blink & { tenths: number }) | "cancel";
  permanent?: Blink;
}

export interface Buzz {
  reader: number;
  /** 1 off, 2 the device's default tone. */
  tone: number;
  /** Tenths of a second. */
  on: number;
  off: number;
  /** 0: until told otherwise. */
  count: number;
}

function blinkBytes(name: string, { on, off, onColour, offColour }: Blink): Buffer {
  if (on + off === 0) throw bad(name); // v2.2, 6.10: a device must refuse it
  return numbers(
    [`${name}/on`, on],
    [`${name}/off`, off],
    [`${name}/onColour`, colours.indexOf(onColour)],
    [`${name}/offColour`, colours.indexOf(offColour)],
  );
}

function blinkOf(bytes: Buffer): Blink | undefined {
  const [onColour, offColour] = [colours[bytes[2]!], colours[bytes[3]!]];
  if (!onColour || !offColour) return undefined;
  return { on: bytes[0]!, off: bytes[1]!, onColour, offColour };
}

export function ledBytes({ reader, led, temporary, permanent }: Led): Buffer {
  const timed = typeof temporary === "object" ? temporary : undefined;
  return Buffer.concat([
    numbers(["reader", reader], ["led", led], ["temporary", timed ? 2 : temporary === "cancel" ? 1 : 0]),
    timed ? blinkBytes("temporary", timed) : Buffer.alloc(4),
    numbers(["temporary/tenths", timed?.tenths ?? 0, 2], ["permanent", permanent ? 1 : 0]),
    permanent ? blinkBytes("permanent", permanent) : Buffer.alloc(4),
  ]);
}

export function ledOf(bytes: Buffer): Led | undefined {
  const [temporaryCode, permanentCode] = [bytes[2]!, bytes[9]!];
  const temporary = temporaryCode === 2 ? blinkOf(bytes.subarray(3, 7)) : undefined;
  const permanent = permanentCode === 1 ? blinkOf(bytes.subarray(10, 14)) : undefined;
  if (temporaryCode > 2 || permanentCode > 1) return undefined;
  if ((temporaryCode === 2 && !temporary) || (permanentCode === 1 && !permanent)) return undefined;
  return {
    reader: bytes[0]!,
    led: bytes[1]!,
    ...(temporary ? { temporary: { ...temporary, tenths: bytes.readUInt16LE(7) } } : {}),
    ...(temporaryCode === 1 ? { temporary: "cancel" as const } : {}),
    ...(permanent ? { permanent } : {}),
  };
}

export function buzzBytes({ reader, tone, on, off, count }: Buzz): Buffer {
  if (tone === 2 && on === 0) throw bad("on"); // v2.2, 6.11: a device must refuse it
  return numbers(["reader", reader], ["tone", tone], ["on", on], ["off", off], ["count", count]);
}

export function buzzOf(bytes: Buffer): Buzz {
  const [reader, tone, on, off, count] = bytes as unknown as [number, number, number, number, number];
  return { reader, tone, on, off, count };
}
