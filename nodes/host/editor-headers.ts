import type { RequestHandler } from "express";

/**
 * Headers of the editor. Its own code needs inline scripts and `eval` (function nodes' checker), so what can be
 * forbidden is being framed, leaving the origin, plug-ins and sniffing.
 */
export const editorHeaders: RequestHandler = (req, res, next) => {
  res.set({
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy":
      "frame-ancestors 'self'; base-uri 'self'; form-action 'self'; object-src 'none'; connect-src 'self' ws: wss:",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
  });
  if (req.secure) res.set("Strict-Transport-Security", "max-age=31536000");
  next();
};
