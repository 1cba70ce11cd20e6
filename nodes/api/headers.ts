import type { IncomingMessage } from "node:http";
import type { RequestHandler } from "express";

/**
 * What a page of ours may do: its own scripts, styles and connections, pictures it made itself, its own camera.
 * No outside request, no inline script, no frame (RD-41; ASVS 5.0 3.4).
 */
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "object-src 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

const common: Record<string, string> = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "X-Frame-Options": "DENY",
};

/**
 * To whoever came by https: by https only, for a year (ASVS 5.0 3.4.1). Of this name alone: what else its domain serves is not for a
 * door's box to say, and no list of a browser's maker, which nobody takes back.
 * @param secure whether the browser speaks https (`speaksHttps`)
 */
export const strictTransport =
  (secure: (req: IncomingMessage) => boolean): RequestHandler =>
  (req, res, next) => {
    if (secure(req)) res.set("Strict-Transport-Security", "max-age=31536000");
    next();
  };

/** Headers of every API answer: nothing is kept, framed, sniffed or run. */
export const apiHeaders: RequestHandler = (_req, res, next) => {
  res.set({
    ...common,
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    Vary: "Accept-Language, Authorization, Cookie",
  });
  next();
};

/** Headers of every page and its files. The camera is for the simulator, the desk and the door screen themselves. */
export const pageHeaders: RequestHandler = (_req, res, next) => {
  res.set({
    ...common,
    "Cache-Control": "no-cache",
    "Content-Security-Policy": pagePolicy,
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
  });
  next();
};
