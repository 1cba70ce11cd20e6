import type { IncomingMessage } from "node:http";
import type { RequestHandler } from "express";

/** Where lines may be opened to: this box, and by name, because not every browser counts `ws:` to it as `self`. */
function ownLines({ headers: { host = "" } }: IncomingMessage): string {
  return /^[\w.:[\]-]+$/.test(host) ? `'self' ws://${host} wss://${host}` : "'self'";
}

/**
 * What a page of Node-RED's own may do: everything from this box and nothing from elsewhere.
 * @param scripts what its code needs beside files of this box
 */
const policy = (req: IncomingMessage, scripts: string): string =>
  [
    "default-src 'self'",
    `script-src 'self' ${scripts}`,
    "style-src 'self' 'unsafe-inline'", // both write style elements of their own
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "font-src 'self' data:",
    "worker-src 'self' blob:",
    `connect-src ${ownLines(req)}`,
    "frame-ancestors 'self'",
    "base-uri 'self'",
    "form-action 'self'",
    "object-src 'none'",
  ].join("; ");

const headers =
  (scripts: string): RequestHandler =>
  (req, res, next) => {
    res.set({
      "X-Content-Type-Options": "nosniff",
      "X-Frame-Options": "SAMEORIGIN",
      "Referrer-Policy": "same-origin",
      "Cross-Origin-Opener-Policy": "same-origin",
      "Content-Security-Policy": policy(req, scripts),
      "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    });
    next();
  };

/** Headers of the editor. Its own code needs inline scripts, and `eval` for the checker of function nodes. */
export const editorHeaders = headers("'unsafe-inline' 'unsafe-eval'");

/** Headers of the dashboard. Templates an installer places on it are compiled in the browser, which takes `eval`. */
export const dashboardHeaders = headers("'unsafe-eval'");
