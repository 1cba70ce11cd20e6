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
  const trusts = trusted(proxies);
  return (req) => {
    const told = [req.headers["x-forwarded-for"] ?? ""].flat().join(",").split(",");
    let address = req.socket.remoteAddress ?? "unknown";
    for (let hop = 0; told.length > 0 && trusts(address, hop); hop++) address = told.pop()!.trim() || address;
    return address;
  };
}

/**
 * Whether the nearest proxy says that whoever came to it came by https (`X-Forwarded-Proto`): believed of those in
 * `LIMEN_PROXY`, so that the session's cookie is as strict as the line.
 * @throws Error naming what is wrong with one
 */
export function httpsFrom(proxies: string | undefined): (req: IncomingMessage) => boolean {
  const trusts = trusted(proxies);
  return (req) => {
    const told = [req.headers["x-forwarded-proto"] ?? ""].flat().join(",").split(",").at(-1)!.trim();
    return told.toLowerCase() === "https" && trusts(req.socket.remoteAddress ?? "unknown", 0);
  };
}

function trusted(proxies: string | undefined): (address: string, hop: number) => boolean {
  const list = (proxies ?? "")
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
  return list.length === 0 ? () => false : trustOf(list);
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
