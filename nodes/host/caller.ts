import { AsyncLocalStorage } from "node:async_hooks";
import type { RequestHandler } from "express";
import type { AddressOf } from "../api/caller-address.ts";

const callers = new AsyncLocalStorage<string>();

/**
 * Remembers who knocks at Node-RED's own pages: its sign-in asks us about a name and a password only, and guesses from
 * one address must not slow down everybody else's.
 */
export const rememberCaller =
  (addressOf: AddressOf): RequestHandler =>
  (req, _res, next) => {
    callers.run(addressOf(req), next);
  };

/** The address behind what is being answered just now. */
export const callerAddress = (): string => callers.getStore() ?? "editor";
