import { existsSync } from "node:fs";

/** Where Chromium is on this machine; empty: nowhere. The shell without a browser's own windows takes half the time of the whole browser. */
export const chromiumPath =
  process.env.LIMEN_CHROMIUM ??
  ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"].find((one) => existsSync(one)) ??
  "";
