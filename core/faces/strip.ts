/**
 * What a picture carries beside the picture (EXIF, maker's notes, thumbnails, places, colour profiles, comments) is cut
 * out before a decoder sees it: the decoder would parse it, and leave copies of it in freed memory.
 */
export interface Stripped {
  bytes: Uint8Array;
  /** EXIF orientation, 1 to 8. */
  orientation: number;
}

/** @param kind as `readHeader` found it */
export const stripped = (bytes: Uint8Array, kind: "jpeg" | "png"): Stripped =>
  kind === "jpeg" ? strippedJpeg(bytes) : strippedPng(bytes);

/** JFIF and Adobe's colour transform say how the picture is coded; the other APPn and COM segments do not. */
const jpegKept = (marker: number): boolean =>
  marker === 0xe0 || marker === 0xee || !((marker >= 0xe1 && marker <= 0xef) || marker === 0xfe);

/** ITU-T T.81 B.1.1: segments up to the first scan; what follows is kept as it is. */
function strippedJpeg(bytes: Uint8Array): Stripped {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = new Uint8Array(bytes.length);
  out.set(bytes.subarray(0, 2));
  let length = 2;
  let orientation = 1;
  const keep = (from: number, to: number) => {
    out.set(bytes.subarray(from, to), length);
    length += to - from;
  };
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0xda) break;
    const alone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd9);
    const end = Math.min(bytes.length, at + 2 + (alone ? 0 : Math.max(2, view.getUint16(at + 2))));
    if (marker === 0xe1) orientation = exifOrientation(bytes.subarray(at + 4, end)) ?? orientation;
    if (jpegKept(marker)) keep(at, end);
    at = end;
  }
  keep(at, bytes.length);
  return { bytes: out.subarray(0, length), orientation };
}

/** PNG (third edition) 5.3: length, type, data, checksum. Only what makes the pixels is kept. */
const pngKept = new Set(["IHDR", "PLTE", "IDAT", "IEND", "tRNS"]);

function strippedPng(bytes: Uint8Array): Stripped {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = new Uint8Array(bytes.length);
  out.set(bytes.subarray(0, 8));
  let length = 8;
  let orientation = 1;
  for (let at = 8; at + 12 <= bytes.length; ) {
    const size = view.getUint32(at);
    const end = at + 12 + size;
    if (end > bytes.length) {
      out.set(bytes.subarray(at), length); // cut off: for the decoder to refuse
      length += bytes.length - at;
      break;
    }
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (type === "eXIf") orientation = tiffOrientation(bytes.subarray(at + 8, at + 8 + size)) ?? orientation;
    if (pngKept.has(type)) {
      out.set(bytes.subarray(at, end), length);
      length += end - at;
    }
    if (type === "IEND") break;
    at = end;
  }
  return { bytes: out.subarray(0, length), orientation };
}

const exifMagic = [0x45, 0x78, 0x69, 0x66, 0, 0];

const exifOrientation = (segment: Uint8Array): number | undefined =>
  exifMagic.every((byte, i) => segment[i] === byte) ? tiffOrientation(segment.subarray(6)) : undefined;

/** TIFF 6.0 section 2; tag 0x0112 of the first directory (Exif 2.32, 4.6.4). */
function tiffOrientation(tiff: Uint8Array): number | undefined {
  if (tiff.length < 14) return undefined;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const little = tiff[0] === 0x49;
  if (view.getUint16(2, little) !== 42) return undefined;
  const directory = view.getUint32(4, little);
  if (directory + 2 > tiff.length) return undefined;
  const entries = view.getUint16(directory, little);
  for (let i = 0, at = directory + 2; i < entries && at + 12 <= tiff.length; i++, at += 12) {
    if (view.getUint16(at, little) !== 0x0112) continue;
    const value = view.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? value : undefined;
  }
  return undefined;
}
