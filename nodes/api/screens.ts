import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { cookieOf } from "./session.ts";

export const screenCookie = "limen_screen";
/** Its name over https, where a browser holds it to Secure, Path=/ and no Domain (RFC 6265bis 4.1.3.2). */
export const secureScreenCookie = "__Host-limen_screen";
/** How long a screen stays a door's own, days: browsers keep no cookie longer than 400 (RFC 6265bis 5.5). */
export const screenDays = 400;

const seal = (key: Buffer, door: string, until: number): string =>
  createHmac("sha256", key).update(`limen screen v1 ${door} ${until}`).digest("base64url");

/** The cookie that makes a browser the screen of one door until then (ms since 1970). */
export const screenToken = (key: Buffer, door: string, until: number): string =>
  `${door}.${until}.${seal(key, door, until)}`;

/**
 * Does this request come from where the door is? From a screen that staff paired with it; at a door that is only drawn also
 * from the box itself, on which somebody tries it out. Whoever is somewhere else could neither be looked at with a deliberate
 * act, nor be kept from sending somebody's pictures; and on the box itself a flow could ask for looks by a timer.
 * @param simulated whether the door is only drawn
 */
export const isAtDoor = (
  req: IncomingMessage,
  key: Buffer,
  door: string,
  now: Date,
  simulated: boolean,
): boolean => isPaired(req, key, door, now) || (simulated && isOnBox(req));

/** Whether this browser is the door's own screen. */
export function isPaired(req: IncomingMessage, key: Buffer, door: string, now: Date): boolean {
  // one paired before the box spoke https is sealed all the same
  const cookie = cookieOf(req, secureScreenCookie) ?? cookieOf(req, screenCookie);
  const [named, until, mac] = cookie?.split(".") ?? [];
  if (named === door && until !== undefined && mac !== undefined && Number(until) > now.getTime()) {
    const wanted = Buffer.from(seal(key, door, Number(until)));
    const given = Buffer.from(mac);
    if (given.length === wanted.length && timingSafeEqual(given, wanted)) return true;
  }
  return false;
}

/** Whether it comes from the box itself. A request that passed a proxy never does. */
export function isOnBox(req: IncomingMessage): boolean {
  const { remoteAddress } = req.socket;
  const proxied = ["forwarded", "x-forwarded-for", "x-real-ip", "via"].some((name) => name in req.headers);
  return !proxied && /^(127\.|::1$|::ffff:127\.)/.test(remoteAddress ?? "");
}
