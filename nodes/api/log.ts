import express, { Router } from "express";

/** Only what C2SP tlog-tiles names; nothing else that may lie in the folder. */
const served = /^\/(?:checkpoint|tile\/(?:entries\/|\d{1,2}\/)(?:x\d{3}\/)*\d{3}(?:\.p\/\d{1,3})?)$/;
/** A full tile never changes again; a partial one is replaced by a fuller one. */
const full = /^\/tile\/(?!.*\.p\/)/;

/**
 * The transparency log as static files, for anyone: nothing personal is in it. To be mounted at `/log`.
 * @param folder `<data>/audit`
 */
export function logRouter(folder: string): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.use((req, res, next) => {
    if (!served.test(req.path) || !["GET", "HEAD"].includes(req.method)) {
      res.status(404).type("text").send("");
      return;
    }
    res.set({
      "X-Content-Type-Options": "nosniff",
      "Cache-Control": full.test(req.path) ? "public, max-age=31536000, immutable" : "no-cache",
      // A monitor on somebody's own page may fetch and verify it.
      "Access-Control-Allow-Origin": "*",
      "Content-Type": req.path === "/checkpoint" ? "text/plain; charset=utf-8" : "application/octet-stream",
    });
    next();
  });
  router.use(
    express.static(folder, { index: false, redirect: false, dotfiles: "ignore", cacheControl: false }),
  );
  router.use((_req, res) => void res.status(404).set("Cache-Control", "no-store").type("text").send(""));
  return router;
}
