import type { IncomingMessage } from "node:http";
import express from "express";

/** Where a request comes from, as an address. */
export type AddressOf = (req: IncomingMessage) => string;

/**
 * `LIMEN_PROXY`: addresses or ranges, with commas between, of proxies that stand before this box. Express' own rules for
 * `trust proxy`: read from the nearest hop on, and only what one of these wrote is believed. Whatever a caller itself puts into
 * `X-Forwarded-For` is further away than the hop that a proxy saw, so it decides nothing.
 * @throws Error naming what is wrong with one
 */
export function addressFrom(proxies: string | undefined): AddressOf {
  const list = (proxies ?? "")
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
  const trusts = list.length === 0 ? () => false : trustOf(list);
  return (req) => {
    const told = [req.headers["x-forwarded-for"] ?? ""].flat().join(",").split(",");
    let address = req.socket.remoteAddress ?? "unknown";
    for (let hop = 0; told.length > 0 && trusts(address, hop); hop++) address = told.pop()!.trim() || address;
    return address;
  };
}

function trustOf(list: readonly string[]): (address: string, hop: number) => boolean {
  const app = express();
  try {
    app.set("trust proxy", list);
  } catch (cause) {
    throw new Error("LIMEN_PROXY must be addresses of proxies, like 10.0.0.2 or 10.0.0.0/24", { cause });
  }
  return app.get("trust proxy fn") as never;
}
