import busboy from "busboy";
import { json, type Request, type RequestHandler, type Response, raw } from "express";
import { LimenError } from "../../core/errors.ts";

/** One picture: a 12-megapixel JPEG fits. Ten of them stay under what one vault message may carry. */
export const maxFrameBytes = 3 << 20;
export const maxFrames = 10;

const jpeg = Buffer.from([0xff, 0xd8, 0xff]);
const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** By its first bytes, never by the name or type it claims. */
export const isPicture = (bytes: Buffer): boolean =>
  bytes.subarray(0, 3).equals(jpeg) || bytes.subarray(0, 8).equals(png);

/** Overwrites pictures that have done their work (RD-30). */
export function overwrite(frames: readonly Buffer[]): void {
  for (const frame of frames) frame.fill(0);
}

/**
 * 1 to 10 pictures of a multipart body, in memory only; each chunk is overwritten once copied. Anything beside
 * pictures is refused: there is no field for a document, a number or an address (RD-39).
 * @throws LimenError `content-type-wrong` (415), `frame-too-large` (413), `too-many-frames`, `not-a-picture`,
 * `no-frames`, `field-unknown`, `multipart-bad`, `request-cut-off`
 */
export async function readFrames(req: Request): Promise<Buffer[]> {
  if (!req.is("multipart/form-data")) throw new LimenError("content-type-wrong", { status: 415 });
  const frames: Buffer[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      const refuse = (code: string, status = 400) =>
        reject(new LimenError(code, { status, field: "/frames" }));
      const parser = parserFor(req);
      parser.on("field", () => refuse("field-unknown"));
      parser.on("file", (_name, stream) => {
        const chunks: Buffer[] = [];
        stream.on("data", (chunk: Buffer) => {
          chunks.push(Buffer.from(chunk));
          chunk.fill(0);
        });
        stream.on("limit", () => refuse("frame-too-large", 413));
        stream.on("close", () => {
          frames.push(Buffer.concat(chunks));
          overwrite(chunks);
        });
      });
      parser.on("filesLimit", () => refuse("too-many-frames"));
      parser.on("fieldsLimit", () => refuse("field-unknown"));
      parser.on("partsLimit", () => refuse("too-many-frames"));
      parser.on("error", () => refuse("multipart-bad"));
      parser.on("close", resolve);
      req.on("aborted", () => refuse("request-cut-off"));
      req.pipe(parser);
    });
    if (frames.length === 0) throw new LimenError("no-frames", { field: "/frames" });
    if (!frames.every(isPicture)) throw new LimenError("not-a-picture", { field: "/frames" });
    return frames;
  } catch (error) {
    overwrite(frames);
    req.unpipe();
    req.resume(); // let the rest arrive, so that the answer can be read
    throw error;
  }
}

/** One JPEG as the whole body. @throws LimenError `content-type-wrong`, `body-too-large`, `not-a-picture` */
export async function readJpeg(req: Request, res: Response): Promise<Buffer[]> {
  if (!req.is("image/jpeg")) throw new LimenError("content-type-wrong", { status: 415 });
  await parsed(rawJpeg, req, res);
  const frame = req.body as Buffer;
  req.body = undefined;
  if (!Buffer.isBuffer(frame) || !frame.subarray(0, 3).equals(jpeg)) throw new LimenError("not-a-picture");
  return [frame];
}

const rawJpeg = raw({ type: "image/jpeg", limit: maxFrameBytes });
const readJson = json({ limit: "64kb", strict: false, type: "application/json" });

/** A JSON body; a request without one gives undefined. @throws LimenError `content-type-wrong`, or the parser's own */
export async function readBody(req: Request, res: Response): Promise<unknown> {
  const length = req.headers["content-length"];
  if (req.headers["transfer-encoding"] === undefined && (length === undefined || length === "0"))
    return undefined;
  if (!req.is("application/json")) throw new LimenError("content-type-wrong", { status: 415 });
  await parsed(readJson, req, res);
  return req.body as unknown;
}

const parsed = (parser: RequestHandler, req: Request, res: Response): Promise<void> =>
  new Promise((resolve, reject) => {
    parser(req, res, (error?: unknown) => (error ? reject(error as Error) : resolve()));
  });

function parserFor(req: Request): busboy.Busboy {
  try {
    return busboy({
      headers: req.headers,
      limits: { fields: 1, files: maxFrames, fileSize: maxFrameBytes, parts: maxFrames + 2, headerPairs: 20 },
    });
  } catch {
    throw new LimenError("multipart-bad"); // no boundary
  }
}
