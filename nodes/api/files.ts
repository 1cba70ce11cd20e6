import { createHash } from "node:crypto";
import type { Response } from "express";
import { paperStyle } from "../../core/policy/papers/document.ts";
import { Closed, OneOf, type Static, type TObject, type TSchema, Type } from "../../core/schema.ts";
import { type Route, route } from "./route.ts";

/** What a handler hands over where the answer is a file and not JSON. */
export const FileAnswer = Closed({
  type: Type.String(),
  content: Type.String(),
  /** What `content` is written in; absent: it is text. */
  encoding: Type.Optional(OneOf(["base64"])),
  /** What the file is called where somebody keeps it. */
  name: Type.Optional(Type.String()),
  /** SHA-256 of the flow it was made from, lower-case hex. */
  flow: Type.String(),
});

/** A line of the table that answers with a file. */
export const fileRoute = <
  const P extends TObject | undefined,
  const Q extends TObject | undefined,
  const B extends TSchema | undefined,
>(
  line: Route<P, Q, B, typeof FileAnswer>,
): Route => route(line);

const styleHash = createHash("sha256").update(paperStyle, "utf8").digest("base64");

/** A paper's page may use its own one style, and nothing else. */
const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

export function sendFile(
  res: Response,
  status: number,
  { type, content, encoding, name, flow }: Static<typeof FileAnswer>,
): void {
  res.set({ "Content-Type": type, "Content-Security-Policy": policy, "Limen-Flow": flow });
  if (name !== undefined) res.set("Content-Disposition", `inline; filename="${name}"`);
  res.status(status).end(Buffer.from(content, encoding ?? "utf8"));
}
