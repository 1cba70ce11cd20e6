import sharp from "sharp";
import { LimenError } from "../errors.ts";
import { stripped } from "./strip.ts";

/** An upright RGB picture, 3 bytes a pixel, row by row. */
export interface Picture {
  data: Uint8Array;
  width: number;
  height: number;
}

/** The abuse each limit stops: a flood, a bomb (few bytes, many pixels), a sliver that makes other sums overflow. */
export const pictureLimits = { bytes: 12 << 20, pixels: 40_000_000, side: 10_000, leastSide: 32 } as const;

/** The long side above which a picture is shrunk while it is decoded: a face at a door loses nothing by it. */
const workingSide = 1920;

sharp.cache(false); // a decoded frame must not outlive its use
sharp.concurrency(1); // the worker threads are the parallelism
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({ operation: ["VipsForeignLoadJpegBuffer", "VipsForeignLoadPngBuffer"] });

const bad = (reason: string, cause?: unknown): LimenError =>
  new LimenError("camera-bad-picture", { status: 422, message: reason, cause });

export interface PictureHeader {
  kind: "jpeg" | "png";
  width: number;
  height: number;
}

/**
 * Kind and size of a picture from its first bytes, before any library sees it.
 * @throws LimenError `camera-bad-picture`: neither JPEG nor PNG, no size, or a size beyond `pictureLimits`
 */
export function readHeader(bytes: Uint8Array): PictureHeader {
  if (bytes.length > pictureLimits.bytes) throw bad("too many bytes");
  const header = pngHeader(bytes) ?? jpegHeader(bytes);
  if (!header) throw bad("neither JPEG nor PNG");
  const { width, height } = header;
  if (Math.min(width, height) < pictureLimits.leastSide) throw bad("too small a picture");
  if (Math.max(width, height) > pictureLimits.side || width * height > pictureLimits.pixels) {
    throw bad("too many pixels");
  }
  return header;
}

const pngMagic = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** PNG (third edition) 5.2 and 11.2.1: the signature, then IHDR. */
function pngHeader(bytes: Uint8Array): PictureHeader | undefined {
  if (bytes.length < 33 || pngMagic.some((byte, i) => bytes[i] !== byte)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(12) !== 0x49484452) return undefined;
  return { kind: "png", width: view.getUint32(16), height: view.getUint32(20) };
}

/** ITU-T T.81 B.2: markers up to the frame header (SOF0 to SOF15 without DHT, JPG, DAC). */
function jpegHeader(bytes: Uint8Array): PictureHeader | undefined {
  if (bytes.length < 4 || bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 9 < bytes.length; ) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return { kind: "jpeg", height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    }
    if (marker === 0xd9 || marker === 0xda) return undefined;
    at += 2 + (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7) ? 0 : view.getUint16(at + 2));
  }
  return undefined;
}

/** By EXIF orientation: mirrored left to right first, then turned clockwise by so many degrees. */
const uprights: Readonly<Record<number, { mirror: boolean; turn: number }>> = {
  1: { mirror: false, turn: 0 },
  2: { mirror: true, turn: 0 },
  3: { mirror: false, turn: 180 },
  4: { mirror: true, turn: 180 },
  5: { mirror: true, turn: 270 },
  6: { mirror: false, turn: 90 },
  7: { mirror: true, turn: 90 },
  8: { mirror: false, turn: 270 },
};

/**
 * Decodes one frame: EXIF orientation applied, at most 1920 pixels on the long side.
 * @throws LimenError `camera-bad-picture`
 */
export async function decodePicture(bytes: Uint8Array): Promise<Picture> {
  const { kind, width, height } = readHeader(bytes);
  const plain = stripped(bytes, kind);
  const { mirror, turn } = uprights[plain.orientation]!;
  try {
    let image = sharp(plain.bytes, { limitInputPixels: pictureLimits.pixels, failOn: "error", pages: 1 });
    if (mirror) image = image.flop();
    if (turn) image = image.rotate(turn);
    if (Math.max(width, height) > workingSide) {
      image = image.resize({ width: workingSide, height: workingSide, fit: "inside", kernel: "linear" });
    }
    const { data, info } = await image
      .toColourspace("srgb")
      .flatten()
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    if (info.channels === 3) return { data, width: info.width, height: info.height };
    if (info.channels === 1) return { data: tripled(data), width: info.width, height: info.height };
  } catch (error) {
    throw bad("cannot be decoded", error);
  } finally {
    plain.bytes.fill(0);
  }
  throw bad("unknown colours");
}

function tripled(grey: Uint8Array): Uint8Array {
  const data = new Uint8Array(grey.length * 3);
  for (let i = 0, o = 0; i < grey.length; i++, o += 3) data.fill(grey[i]!, o, o + 3);
  grey.fill(0);
  return data;
}

/** The picture at another size, smoothly. */
export async function resizePicture(picture: Picture, width: number, height: number): Promise<Picture> {
  const raw = { width: picture.width, height: picture.height, channels: 3 as const };
  const data = await sharp(picture.data, { raw, limitInputPixels: false })
    .resize(width, height, { fit: "fill", kernel: "linear" })
    .raw()
    .toBuffer();
  return { data, width, height };
}
