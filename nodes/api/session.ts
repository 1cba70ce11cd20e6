import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { CookieOptions } from "express";
import { LimenError } from "../../core/errors.ts";
import type { VaultClient } from "../../vault/client.ts";
import type { Session } from "./route.ts";

/** Over https the name itself makes the browser insist on Secure, Path=/ and no Domain (RFC 6265bis 4.1.3.2). */
export const cookieName = (secure: boolean): string => (secure ? "__Host-limen" : "limen_session");

/** Flags of the session cookie; loopback http cannot set Secure. ASVS 5.0 3.3.1-4. */
export const cookieFlags = (secure: boolean): CookieOptions => ({
  httpOnly: true,
  sameSite: "strict",
  path: "/",
  secure,
});

/**
 * The token a page sends back in `Limen-CSRF`. Bound to the session by HMAC, so it needs no memory, and a page that
 * cannot read it (another origin) cannot act with the cookie alone. ASVS 5.0 3.5.1.
 */
export const csrfToken = (auth: string): string =>
  createHmac("sha256", auth).update("limen csrf v1").digest("base64url");

/**
 * Whether the browser speaks https: to this box itself, or to what stands before it under one of the site's addresses.
 * @param addresses `LIMEN_URL`
 * @param cameByHttps whether a proxy that is believed says so
 */
export const speaksHttps = (
  req: IncomingMessage & { secure?: boolean },
  addresses: readonly string[] = [],
  cameByHttps: (req: IncomingMessage) => boolean = () => false,
): boolean =>
  req.secure === true ||
  cameByHttps(req) ||
  addresses.some((one) => one.startsWith("https:") && hostOf(one) === req.headers.host);

/** The secret a request carries, and how. */
export function credentialOf(req: IncomingMessage): { auth: string; by: Session["by"] } | undefined {
  const header = /^Bearer ([\x21-\x7e]{20,200})$/i.exec(req.headers.authorization ?? "");
  if (header) return { auth: header[1]!, by: "bearer" };
  const auth = cookieOf(req, cookieName(true)) ?? cookieOf(req, cookieName(false));
  return auth ? { auth, by: "cookie" } : undefined;
}

/** One cookie's value. */
export function cookieOf(req: IncomingMessage, wanted: string): string | undefined {
  for (const part of (req.headers.cookie ?? "").split(";")) {
    const [name, value] = part.trim().split("=", 2);
    if (name === wanted) return value;
  }
  return undefined;
}

/** Whether a page does this by itself. It can only keep a session from being prolonged, so anybody may say it. */
export const inBackground = (req: IncomingMessage): boolean => req.headers["limen-background"] !== undefined;

/**
 * Who a request is from, asked of the vault each time so that a closed session or a changed role counts at once.
 * Works on any HTTP request, sockets' upgrade requests too. Undefined when it carries nothing. It may be resting.
 * @param how.touch whether it is somebody's act, which keeps a session from resting; a stream's beat is none
 * @throws LimenError `not-signed-in` (401) when what it carries is unknown or over; `vault-away` (503)
 */
export async function sessionOf(
  req: IncomingMessage,
  vault: Pick<VaultClient, "call">,
  { touch = !inBackground(req) }: { touch?: boolean } = {},
): Promise<Session | undefined> {
  const credential = credentialOf(req);
  if (!credential) return undefined;
  const { kind: _, ...who } = await vault.call("session.check", { auth: credential.auth, touch });
  return { ...credential, ...who };
}

const listeners = new Set<(old: string, next: string) => void>();

/** Hears when a session goes on under another secret: lines that were opened with the old one are still somebody's. */
export const onRenewal = (hear: (old: string, next: string) => void): void => void listeners.add(hear);
export function renewed(old: string, next: string): void {
  for (const hear of listeners) hear(old, next);
}

/**
 * A browser says where a request comes from; a request from elsewhere is refused before anything else is read.
 * Programs that are not browsers say nothing, and carry no cookie by accident.
 * @throws LimenError `cross-site` (403)
 */
export function refuseCrossSite(req: IncomingMessage): void {
  const site = req.headers["sec-fetch-site"];
  const origin = req.headers.origin;
  if (site !== undefined && site !== "same-origin") throw new LimenError("cross-site", { status: 403 });
  if (site === undefined && origin !== undefined && hostOf(origin) !== req.headers.host)
    throw new LimenError("cross-site", { status: 403 });
}

/** Whether a change may be made in this session's name: with the cookie, only together with its token. */
export function vouched(req: IncomingMessage, session: Session): boolean {
  if (session.by !== "cookie") return true;
  const given = Buffer.from(String(req.headers["limen-csrf"] ?? ""));
  const wanted = Buffer.from(csrfToken(session.auth));
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined; // "null" and nonsense match no host
  }
}
