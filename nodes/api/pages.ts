import { existsSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import express, { type Response, Router } from "express";
import { keysOf, languages, sentence } from "../../core/words.ts";
import { pageHeaders } from "./headers.ts";
import { qrCode } from "./qr.ts";
import { speaksHttps } from "./session.ts";

/** Addresses people see, and the page behind each. `/door/<id>` reads the id from its own address. */
export const pages: readonly [path: string | RegExp, file: string][] = [
  ["/welcome", "welcome/index.html"],
  ["/sign-in", "sign-in/index.html"],
  ["/simulator", "simulator/index.html"],
  [/^\/door\/[a-z0-9][a-z0-9-]{0,47}$/, "door/index.html"],
  [/^\/notice\/[a-z0-9][a-z0-9-]{0,47}$/, "notice/index.html"],
  ["/me", "me/index.html"],
  ["/children", "children/index.html"],
  ["/account", "account/index.html"],
  ["/receipt", "receipt/index.html"],
];

/**
 * Pages and their files, to be mounted at the root. Everything comes from this box.
 * @param folder the built pages (`dist/pages`)
 * @param secure whether the browser speaks https
 */
export function pagesRouter(folder: string, secure: (req: IncomingMessage) => boolean = speaksHttps): Router {
  const router = Router({ caseSensitive: true, strict: false });
  const send = (res: Response, file: string) => res.sendFile(file, { root: folder, cacheControl: false });
  for (const [path, file] of pages)
    if (existsSync(join(folder, file))) router.get(path, pageHeaders, (_req, res) => send(res, file));
  router.use("/pages", pageHeaders);
  router.get("/pages/door/worker.js", (_req, res, next) => {
    res.set("Service-Worker-Allowed", "/door/"); // it keeps the door's screen alive, and no other page
    next();
  });
  router.get("/pages/vendor/mqtt.js", (_req, res) => res.sendFile(mqttBundle, { cacheControl: false }));
  router.use("/pages/vendor/passkeys", express.static(passkeysFolder, { index: false, cacheControl: false }));
  router.get("/pages/attempt/words/:language.json", (req, res, next) => {
    const language = languages.find((one) => one === req.params.language);
    if (!language) return next();
    const keys = keysOf(language).filter((key) => key.startsWith("attempt."));
    res.json(Object.fromEntries(keys.map((key) => [key, sentence(language, key)])));
  });
  router.get(qrPath, pageHeaders, (req, res, next) => {
    // the address the reader used: a phone at the door reaches the box by the same name
    const url = `${secure(req) ? "https" : req.protocol}://${req.get("host") ?? "localhost"}${req.path.replace(/\/qr\.svg$/, "")}`;
    qrCode(url).then((svg) => res.type("svg").send(svg), next);
  });
  router.use("/pages", express.static(folder, { index: false, redirect: false, cacheControl: false }));
  return router;
}

const qrPath = /^\/notice\/[a-z0-9][a-z0-9-]{0,47}\/qr\.svg$/;

/** The browser build that comes with the mqtt package: served from here, so that a page asks nobody else. */
const mqttBundle = fileURLToPath(new URL("dist/mqtt.esm.js", import.meta.resolve("mqtt/package.json")));

/** The browser's side of passkeys, as its package ships it. */
const passkeysFolder = dirname(fileURLToPath(import.meta.resolve("@simplewebauthn/browser")));
