import { toString as draw } from "qrcode";

/** A text as the SVG picture of its QR code, made here: nothing is asked of anybody else. */
export const qrCode = (text: string): Promise<string> => draw(text, { type: "svg", margin: 1 });
